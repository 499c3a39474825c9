"""What is said in the small servers, line by line, oldest first."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One message; `reply_to` names the `label` of an earlier one, `deleted_by` who took it away."""

    channel: str
    author: str
    content: str
    label: str = ""
    reply_to: str = ""
    embeds: tuple[tuple[str, str], ...] = ()
    reactions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    edits: tuple[str, ...] = ()
    deleted_by: str = ""
    is_pinned: bool = False


SMALL_COMMUNITY = (
    Line("general", "Alice", "Welcome to Snowfall Village! Kettle is on, pick a chair.", is_pinned=True),
    Line("general", "Mika", "first one in, do I get the good chair?", label="chair"),
    Line("general", "Bob", "The good chair has a cat on it. You get the crate.", reply_to="chair"),
    Line(
        "announcements",
        "Alice",
        "Lanternfall **0.9.0** is out: the Aurora update, with night fishing and a second save slot.",
        label="release",
        embeds=(("Lanternfall 0.9.0", "• Night fishing on the frozen lake\n• A second save slot\n• 41 bugs fewer"),),
        reactions=(("🎉", ("Mika", "Oskar", "Rosa")), ("❄️", ("Vera",))),
    ),
    Line("general", "Oskar", "downloading it right now, my train can wait"),
    Line("general", "Vera", "Does the old save come along, or do we begin again?", label="save"),
    Line("general", "Alice", "It comes along. Make a copy anyway, I am only human.", reply_to="save"),
    Line("general", "Priya", "the aurora over the lake made me stop and just stand there for a while"),
    Line("random", "Kwame", "what is everyone eating tonight"),
    Line("random", "Rosa", "lentils. again. the pot is bottomless", edits=("lentils. again. the pot has no bottom",)),
    Line("random", "雪ゆき", "鍋です！寒い日にはこれが一番 🍲"),
    Line("general", "雪ゆき", "オーロラのアップデート、夜の釣りがとても綺麗でした。開発の皆さん、ありがとう！"),
    Line("general", "Jules", "J'ai pêché un brochet de 12 kilos du premier coup, je prends ma retraite."),
    Line("general", "نور", "اللعبة جميلة جدًا، هل ستدعم اللغة العربية قريبًا؟", label="arabic"),
    Line("general", "Alice", "نعم! Arabic is planned for 1.0, the fonts are already in.", reply_to="arabic"),
    Line("general", "Данило", "А українська буде? Можу допомогти з перекладом 🙌"),
    Line("staff-room", "Bob", "Someone called frost-gifts is sending people private messages with a link."),
    Line("staff-room", "Alice", "Ban on sight, please. And write down why."),
    Line("staff-room", "Bob", "Done, with two screenshots kept. Nobody clicked as far as I can tell."),
    Line("general", "Tomasz ❄️", "is the sled race supposed to start before I sit on the sled", label="sled"),
    Line("general", "Oskar", "skill issue :p", reply_to="sled", reactions=(("😂", ("Rosa", "Kwame")),)),
    Line(
        "general",
        "Priya",
        "Same here! It starts when the horn sounds, even if I am still in the shop.",
        reply_to="sled",
    ),
    Line("general", "Alice", "That is a real bug. Which build stands in the corner of your menu?", label="build"),
    Line("general", "Tomasz ❄️", "0.9.0, build 2214, Linux, Steam Deck", reply_to="build"),
    Line(
        "general",
        "Alice",
        "```\nSledRace.start() called before Sled.mount()\n```\nFound it. Fixed in 0.9.1.",
        label="fix",
    ),
    Line(
        "general", "Tomasz ❄️", "that took you eleven minutes. marry me", reply_to="fix", reactions=(("❤️", ("Mika",)),)
    ),
    Line("random", "Mika", "free gift cards at http://snow-gifts.example/claim quick", deleted_by="Bob"),
    Line("random", "Bob", "That was not Mika. Change your password, Mika, and check what apps you let in."),
    Line("random", "Mika", "oh no. done, two factor is on now. sorry everyone 😳"),
    Line("random", "Kwame", "happens to the best. at least it was not the lentils' fault"),
    Line("general", "Rosa", "¿Alguien sabe dónde está la llave del molino viejo?", label="key"),
    Line("general", "Jules", "Under the third bucket, behind Marta's bakery. ||Le chat l'avait.||", reply_to="key"),
    Line("general", "Rosa", "¡gracias! llevaba dos horas buscando 🔑"),
    Line("staff-room", "Bob", "Quiet day otherwise. One typo in the rules: it says “no spamm”."),
    Line("staff-room", "Alice", "Ironic. Mended."),
    Line(
        "announcements",
        "Alice",
        "0.9.1 is live. The sled waits for you now.",
        embeds=(("Lanternfall 0.9.1", "• The sled race waits until you sit\n• Marta no longer sells her own oven"),),
        reactions=(("🛷", ("Tomasz ❄️", "Oskar", "Priya", "Vera")),),
    ),
    Line("general", "Oskar", "I will miss buying Marta's oven though"),
    Line("random", "Vera", "sunrise over the harbour this morning, −14 °C, worth the fingers"),
    Line("random", "Priya", "I would need three more jumpers and a written guarantee"),
    Line("general", "Vera", "Good night, village. See you on the lake."),
)

SECOND_SERVER = (
    Line("lobby", "Charlie", "Door's open. Boots off, maps on the table."),
    Line("lobby", "Lena", "brought biscuits and a compass that points at biscuits"),
    Line("expedition-log", "Rui", "Day 1: walked in a circle of great beauty."),
    Line("expedition-log", "Ingrid", "Day 2: found the circle again, from the other side.", label="circle"),
    Line("expedition-log", "Sam", "at least we are consistent", reply_to="circle"),
    Line("lobby", "Charlie", "Outpost secret of the week: the lantern by the pump is hollow."),
    Line("lobby", "Ingrid", "that explains the owl"),
    Line("expedition-log", "Charlie", "Day 3: moved the camp to the ridge. The view pays for the wind."),
)

THIRD_SERVER = (
    Line("bench", "Alice", "Workshop rules: nothing is finished, everything is labelled."),
    Line("bench", "Wren", "what about the box that says “not labelled”"),
    Line("bench", "Mika", "that one is art"),
)
