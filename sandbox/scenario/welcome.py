"""The pinned first words of the channels: who wrote them, and what they say."""

OPENINGS: dict[str, tuple[str, str]] = {
    "announcements": (
        "Alice",
        "News of Lanternfall and the studio come here, and only news. Mute everything else if you must; this one is quiet.",
    ),
    "staff": (
        "Bob",
        "**House rules for us.** Warn before you act, act before you argue, write down why. Two of us before a ban that is not spam.",
    ),
    "general": (
        "Alice",
        "Welcome to **Snowfall Village**! ❄️\n1. Be kind. 2. Spoilers behind bars: ||like this||. 3. No advertising, no leaks.\n4. Leave the goose alone.\n\nLost? <@200000000000000002> and the other moderators are glad to help.",
    ),
    "offtopic": (
        "Niamh",
        "Everything that is not the game: pets, pots, songs, windows. Politics stays outside with the wet boots.",
    ),
    "screenshots": (
        "Soraya",
        "Pictures, please! Add a word about where it is. A description on the image helps those who listen instead of look.",
    ),
    "help": (
        "Pelle",
        "Before you ask: which build (corner of the menu), which system, what did you try? Then ask. There are no silly questions, only silly geese.",
    ),
    "bugs": (
        "Ilmari",
        "A good report:\n```\nBug:\nBuild:\nSystem:\nSteps: 1. 2. 3.\nExpected:\n```\nThe log lies in `Lanternfall/logs/player.log`. Attach it, it cannot embarrass you.",
    ),
    "german": (
        "Wiebke",
        "Moin! Hier wird Deutsch gesprochen, in allen Mundarten. Die Regeln gelten wie überall, die Gans auch.",
    ),
    "japanese": (
        "悠真",
        "ようこそ！ここは日本語のチャンネルです。ルールはほかの場所と同じ：やさしく、ネタバレは ||隠して|| ください。",
    ),
    "arabic": (
        "Soraya",
        "أهلًا وسهلًا! هنا نتحدث بالعربية. القواعد كما في بقية القرية: اللطف أولًا، وحرق الأحداث يُكتب هكذا ||مخفي||.",
    ),
    "international": (
        "Pelle",
        "Français, español, українська, português, polski, 한국어: whatever you dream in. If your language grows too big for this room, it gets its own.",
    ),
}
