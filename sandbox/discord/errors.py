"""Discord's JSON error codes, with the HTTP status and the sentence that go with each."""

from enum import IntEnum

from sandbox.discord.models import Json


class Code(IntEnum):
    """Numbers as Discord documents them."""

    GENERAL = 0
    UNKNOWN_APPLICATION = 10002
    UNKNOWN_CHANNEL = 10003
    UNKNOWN_GUILD = 10004
    UNKNOWN_MEMBER = 10007
    UNKNOWN_MESSAGE = 10008
    UNKNOWN_OVERWRITE = 10009
    UNKNOWN_ROLE = 10011
    UNKNOWN_USER = 10013
    UNKNOWN_EMOJI = 10014
    UNKNOWN_WEBHOOK = 10015
    UNKNOWN_BAN = 10026
    UNKNOWN_INTERACTION = 10062
    UNKNOWN_COMMAND = 10063
    SLOW_MODE = 20016
    TOO_MANY_PINS = 30003
    TOO_MANY_ROLES = 30005
    TOO_MANY_WEBHOOKS = 30007
    TOO_MANY_REACTIONS = 30010
    TOO_MANY_CHANNELS = 30013
    TOO_MANY_COMMANDS = 30032
    UNAUTHORIZED = 40001
    BODY_TOO_LARGE = 40005
    BANNED_USER = 40007
    ALREADY_ACKNOWLEDGED = 40060
    MISSING_ACCESS = 50001
    NOT_IN_DIRECT_MESSAGES = 50003
    NOT_THE_AUTHOR = 50005
    EMPTY_MESSAGE = 50006
    CANNOT_MESSAGE_USER = 50007
    NOT_A_TEXT_CHANNEL = 50008
    MISSING_PERMISSIONS = 50013
    BULK_DELETE_COUNT = 50016
    SYSTEM_MESSAGE = 50021
    WRONG_CHANNEL_TYPE = 50024
    INVALID_OAUTH_TOKEN = 50025
    MISSING_OAUTH_SCOPE = 50026
    INVALID_WEBHOOK_TOKEN = 50027
    INVALID_ROLE = 50028
    INVALID_RECIPIENT = 50033
    TOO_OLD_FOR_BULK_DELETE = 50034
    INVALID_FORM = 50035
    ARCHIVED_THREAD = 50083
    INVALID_JSON = 50109
    SELF_PERMISSIONS = 50167
    REACTION_BLOCKED = 90001
    INDEXING = 110000
    THREAD_ALREADY_CREATED = 160004
    THREAD_LOCKED = 160005
    BULK_BAN_FAILED = 500000


KNOWN: dict[Code, tuple[int, str]] = {
    Code.GENERAL: (404, "404: Not Found"),
    Code.UNKNOWN_APPLICATION: (404, "Unknown Application"),
    Code.UNKNOWN_CHANNEL: (404, "Unknown Channel"),
    Code.UNKNOWN_GUILD: (404, "Unknown Guild"),
    Code.UNKNOWN_MEMBER: (404, "Unknown Member"),
    Code.UNKNOWN_MESSAGE: (404, "Unknown Message"),
    Code.UNKNOWN_OVERWRITE: (404, "Unknown Overwrite"),
    Code.UNKNOWN_ROLE: (404, "Unknown Role"),
    Code.UNKNOWN_USER: (404, "Unknown User"),
    Code.UNKNOWN_EMOJI: (400, "Unknown Emoji"),
    Code.UNKNOWN_WEBHOOK: (404, "Unknown Webhook"),
    Code.UNKNOWN_BAN: (404, "Unknown Ban"),
    Code.UNKNOWN_INTERACTION: (404, "Unknown interaction"),
    Code.UNKNOWN_COMMAND: (404, "Unknown application command"),
    Code.SLOW_MODE: (429, "This action cannot be performed due to slowmode rate limit"),
    Code.TOO_MANY_PINS: (400, "Maximum number of pins reached for the channel (250)"),
    Code.TOO_MANY_ROLES: (400, "Maximum number of server roles reached (250)"),
    Code.TOO_MANY_WEBHOOKS: (400, "Maximum number of webhooks reached (15)"),
    Code.TOO_MANY_REACTIONS: (400, "Maximum number of reactions reached (20)"),
    Code.TOO_MANY_CHANNELS: (400, "Maximum number of server channels reached (500)"),
    Code.TOO_MANY_COMMANDS: (400, "Maximum number of application commands reached (100)."),
    Code.UNAUTHORIZED: (401, "Unauthorized"),
    Code.BODY_TOO_LARGE: (413, "Request entity too large"),
    Code.BANNED_USER: (403, "The user is banned from this guild."),
    Code.ALREADY_ACKNOWLEDGED: (400, "Interaction has already been acknowledged."),
    Code.MISSING_ACCESS: (403, "Missing Access"),
    Code.NOT_IN_DIRECT_MESSAGES: (403, "Cannot execute action on a DM channel"),
    Code.NOT_THE_AUTHOR: (403, "Cannot edit a message authored by another user"),
    Code.EMPTY_MESSAGE: (400, "Cannot send an empty message"),
    Code.CANNOT_MESSAGE_USER: (403, "Cannot send messages to this user"),
    Code.NOT_A_TEXT_CHANNEL: (400, "Cannot send messages in a non-text channel"),
    Code.MISSING_PERMISSIONS: (403, "Missing Permissions"),
    Code.BULK_DELETE_COUNT: (
        400,
        "Provided too few or too many messages to delete. Must provide at least 2 and at most 100 messages to delete.",
    ),
    Code.SYSTEM_MESSAGE: (403, "Cannot execute action on a system message"),
    Code.WRONG_CHANNEL_TYPE: (400, "Cannot execute action on this channel type"),
    Code.INVALID_OAUTH_TOKEN: (401, "Invalid OAuth2 access token"),
    Code.MISSING_OAUTH_SCOPE: (403, "Missing required OAuth2 scope"),
    Code.INVALID_WEBHOOK_TOKEN: (401, "Invalid Webhook Token"),
    Code.INVALID_ROLE: (400, "Invalid Role"),
    Code.INVALID_RECIPIENT: (400, "Invalid Recipient(s)"),
    Code.TOO_OLD_FOR_BULK_DELETE: (400, "You can only bulk delete messages that are under 14 days old."),
    Code.INVALID_FORM: (400, "Invalid Form Body"),
    Code.ARCHIVED_THREAD: (400, "Thread is archived"),
    Code.INVALID_JSON: (400, "The request body contains invalid JSON."),
    Code.SELF_PERMISSIONS: (403, "You cannot remove your own access"),
    Code.REACTION_BLOCKED: (403, "Reaction was blocked"),
    Code.INDEXING: (202, "Index not yet available. Try again later"),
    Code.THREAD_ALREADY_CREATED: (400, "A thread has already been created for this message"),
    Code.THREAD_LOCKED: (400, "Thread is locked"),
    Code.BULK_BAN_FAILED: (400, "Failed to ban users"),
}


class DiscordError(Exception):
    """An answer that refuses. `extra` joins the body (`errors`, `retry_after`)."""

    def __init__(self, code: Code, *, status: int | None = None, message: str | None = None, **extra: object) -> None:
        known_status, known_message = KNOWN[code]
        self.code = code
        self.status = status or known_status
        self.message = message or known_message
        self.extra = extra
        super().__init__(f"{self.status} {int(code)} {self.message}")

    def payload(self) -> Json:
        """The JSON body."""
        return {"message": self.message, "code": int(self.code), **self.extra}


def unauthorized() -> DiscordError:
    """The answer to a missing, wrong or expired token."""
    return DiscordError(Code.GENERAL, status=401, message="401: Unauthorized")
