"""Where the members come from: names, languages and clocks of the world."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """People of one part of the world; `names` are pairs of the name as written and as typed in a handle."""

    weight: int
    languages: tuple[str, ...]
    hours_from_utc: tuple[int, ...]
    names: tuple[tuple[str, str], ...]


def _latin(names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, _folded(name)) for name in names.split())


def _paired(pairs: str) -> tuple[tuple[str, str], ...]:
    return tuple((written, typed) for written, _, typed in (pair.partition("=") for pair in pairs.split()))


def _folded(name: str) -> str:
    spelled = name.lower().translate(_SPELLED_OUT)
    return "".join(letter for letter in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(letter))


_SPELLED_OUT = str.maketrans(
    {"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "þ": "th", "ð": "d", "ı": "i", "-": "_", "'": ""}
)

ORIGINS = (
    Origin(
        62,
        ("en",),
        (-8, -6, -5, -5),
        _latin(
            "Madison Tyler Hunter Brooke Casey Jordan Avery Riley Logan Peyton Skyler Dakota Reese Quinn Harper Emerson Parker "
            "Rowan Sawyer Finley Blake Cameron Drew Ellis Hayden Kendall Marlowe Presley Sutton Tatum Wesley Zoe Josie Nolan"
        ),
    ),
    Origin(
        34,
        ("en",),
        (0, 0, 1),
        _latin(
            "Imogen Alfie Poppy Rhys Cerys Niamh Callum Isla Fergus Maisie Euan Bronwyn Oscar Freya Tamsin Jago Aoife Ciarán Nell Gareth"
        ),
    ),
    Origin(10, ("en",), (10, 11, 13), _latin("Banjo Matilda Lachlan Tahlia Kiri Aroha Tane Mereana Darcy Bindi")),
    Origin(
        40,
        ("de", "en"),
        (1, 1, 2),
        _latin(
            "Lukas Hannah Jürgen Käthe Sören Björn Maike Tjark Annika Wiebke Moritz Franziska Benno Lieselotte Till Svenja Korbinian "
            "Veit Gretchen Jannis Ronja Ulrike Matthäus Änne Hauke"
        ),
    ),
    Origin(
        22,
        ("fr", "en"),
        (1, 1, 2),
        _latin("Élodie Théo Margaux Léo Chloé Baptiste Anaïs Gaël Zoé Maxence Inès Rémi Noémie Aurélien Clémence Loïc"),
    ),
    Origin(
        24,
        ("es", "en"),
        (1, -6, -3, -5),
        _latin(
            "Lucía Mateo Ximena Iker Begoña Santiago Valentina Íñigo Camila Joaquín Martín Itzel Álvaro Nerea Facundo Paloma Ramón"
        ),
    ),
    Origin(
        12, ("pt", "en"), (-3, -3, 0), _latin("João Thaís Caio Luana Gonçalo Beatriz Otávio Letícia Davi Iara Tomás")
    ),
    Origin(
        30,
        ("ja", "en"),
        (9,),
        _paired(
            "さくら=sakura 健太=kenta 陽菜=hina 翔=sho みお=mio 大輔=daisuke 葵=aoi 悠斗=yuto こはる=koharu 蓮=ren 千尋=chihiro 直樹=naoki "
            "あかり=akari 拓海=takumi ゆい=yui 雪乃=yukino 亮=ryo 冬馬=toma しおり=shiori"
        ),
    ),
    Origin(
        24,
        ("ar", "en"),
        (2, 3, 3, 1),
        _paired(
            "ليلى=layla عمر=omar ياسمين=yasmin خالد=khalid سلمى=salma يوسف=yousef هدى=huda طارق=tariq مريم=maryam زيد=zaid رنا=rana "
            "كريم=karim دانة=dana سامي=sami أمل=amal"
        ),
    ),
    Origin(
        22,
        ("uk", "en"),
        (2, 3),
        _paired(
            "Оксана=oksana Тарас=taras Соломія=solomiya Богдан=bohdan Леся=lesya Остап=ostap Дарина=daryna Назар=nazar Мар'яна=maryana "
            "Юрко=yurko Зоряна=zoriana Андрій=andriy Ївга=yivha"
        ),
    ),
    Origin(
        10, ("pl", "en"), (1, 2), _latin("Łukasz Zosia Michał Kasia Wojtek Agnieszka Bartosz Małgosia Krzyś Żaneta")
    ),
    Origin(
        9,
        ("ko", "en"),
        (9,),
        _paired("지민=jimin 서연=seoyeon 민준=minjun 하늘=haneul 도윤=doyun 유나=yuna 은우=eunwoo 소라=sora"),
    ),
    Origin(
        7, ("en",), (8,), _paired("小雪=xiaoxue 子涵=zihan 浩然=haoran 梦琪=mengqi 思远=siyuan 雨桐=yutong 阿宽=akuan")
    ),
    Origin(12, ("en",), (1, 2), _latin("Åsa Jönne Linnea Torbjörn Saga Eetu Aino Mikko Sørine Håkon Ingeborg Þórdís")),
    Origin(9, ("en",), (1, 2), _latin("Sanne Joost Fleur Thijs Giulia Matteo Chiara Lorenzo Ilse")),
    Origin(7, ("en",), (3,), _latin("Elif Emre Defne Çağla Onur İpek Barış")),
    Origin(
        8,
        ("en",),
        (5, 6),
        _paired("आरव=aarav प्रिया=priya_s রাহুল=rahul நிலா=nila Ananya=ananya Vikram=vikram Ishaan=ishaan Meera=meera"),
    ),
    Origin(5, ("en",), (2, 3), _paired("נועה=noa איתי=itay תמר=tamar רועי=roee")),
    Origin(6, ("en",), (1, 2, 3), _latin("Chidi Amara Thabo Zanele Ngozi Kofi Wanjiru")),
    Origin(5, ("en",), (7, 7), _latin("Minh Thảo Putri Bagus Linh")),
    Origin(4, ("en",), (2,), _paired("Ελένη=eleni Νίκος=nikos Κατερίνα=katerina")),
)

HANDLE_WORDS = [
    "frost",
    "pine",
    "ember",
    "moss",
    "owl",
    "otter",
    "lantern",
    "sled",
    "comet",
    "pixel",
    "kettle",
    "mitten",
    "flake",
    "drift",
    "birch",
    "fox",
    "moth",
    "tundra",
    "quill",
    "biscuit",
    "toast",
    "noodle",
    "radish",
    "turnip",
    "marble",
    "static",
    "orbit",
    "puddle",
    "thistle",
    "raven",
    "badger",
    "teapot",
    "waffle",
    "glacier",
]

DECORATIONS = (
    "❄️ {}",
    "{} ⛄",
    "🦊 {}",
    "✨{}✨",
    "{} 🌙",
    "☃️{}",
    "{} 🛷",
    "🍵 {}",
    "{}ᶻᶻ",
    "🏔️ {}",
    "˗ˏˋ {} ˎˊ˗",
    "{} 👩‍🚀",
    "{} 🏳️‍🌈",
    "「{}」",
    "† {} †",
    "{} (busy)",
)

NICKNAMES = (
    "{} | sled team",
    "{} the Unfrozen",
    "{} (she/her)",
    "{} (they/them)",
    "{} [bug hunter]",
    "Captain {}",
    "{} of Pinewick",
    "{}, lake pike whisperer",
    "not {}",
    "{} owes Marta 40 crowns",
    "Sir {} von Snowshovel",
    "{} – wiki gnome",
)

LONG_NAMES = (
    "the very last snowflake of march",
    "xX_FrostFoxFromTheFrozenLake_Xx_",
    "Wächterin der tiefgekühlten Seen",
    "ⓢⓝⓞⓦ ⓑⓐⓛⓛ ⓕⓘⓖⓗⓣⓔⓡ ❄️ of the N",
    "冬の星空と湖の釣り人と雪の村の小さなパン屋さんと猫たちの夜の物語",
    "ثلج يهطل على القرية في المساء ❄️",
)
