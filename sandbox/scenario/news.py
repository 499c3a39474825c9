"""What the studio publishes: releases with their changelogs, nightly builds, letters from the workshop."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sandbox.scenario.grammar import Expression, expand, parse_expression
from sandbox.scenario.lore import words_of
from sandbox.scenario.model import Embed

_NEW = parse_expression(
    "[{feature}: [a second mode|new sounds|works with a controller|is kinder to beginners]|A new path to {place}|{npc} has [a birthday now|{n:12-90} new lines|a spare room]|"
    "You can [carry|gift|hang up] the {item}|A {creature} that [follows you home|steals bread|sings in fog]|A quieter [bell|goose|storm] for [small rooms|tired ears]|"
    "[Letters|Journals|Maps] can be [printed|sorted|turned]|Three [rugs|stoves|windows] for the house at {place}]"
)
_BETTER = parse_expression(
    "[Loading {place} takes [half|a third] of the time|{feature} uses {n:8-40} % less memory|Shadows at {place} no longer [flicker|crawl]|{setting} is remembered|"
    "Text in [German|Japanese|Arabic|French|Ukrainian] [proofread|fits its buttons]|The {creature} finds its way [home|around fences]|Controllers are found at once]"
)
_MENDED = parse_expression(
    "[{npc} no longer {bug}|The {item} does not [double|vanish] on the ferry any more|The sled waits until you sit|Fixed a crash [at {place}|with {gpu}|on {os}]|"
    "“{achievement}” can be reached again|Saving while {feature} runs is safe|Names with [emoji|blanks|umlauts] are welcome in folders]"
)
_GREETINGS = parse_expression(
    "[Lanternfall **{version}** is here.|Lamps on: **{version}** is out.|It is snowing, so we made a thing: **{version}**.] "
    "[Two months of work, {n:20-90} of your reports and one very patient goose went into it.|Most of it began as a post of yours in the ideas forum.|"
    "The big one is {feature}; the small ones are below.|If something creaks, tell us in the bug channel and we will oil it.] "
    "[Your saves come along, a copy is kept beside them.|Thank you for the waiting and the letters.|Take a blanket with you.] ❄️"
)
_LETTERS = parse_expression(
    "**Letter from the workshop {number}**\n\n"
    "[This week we sat on the floor of the office and listened to bells.|Soraya painted snow for four days and says that she has now seen enough blue.|"
    "Ilmari took the ferry apart, looked at each plank, and put it back in an order that also works on small machines.|"
    "We read every post in the ideas forum, aloud, with voices.] "
    "[What came of it:|What you will notice:|The short version:] {place} [gets its own weather|has a second floor|will be open at night], and {npc} [at last says what happened that winter|learned to knit|moves house].\n\n"
    "[We also threw something away.|Something did not work.|One thing we got wrong.] [The diary that wrote itself was clever and nobody loved it.|"
    "Fishing with two rods felt like typing, so it is one rod again.|The map that unfolded in real time was lovely the first time and never again.] "
    "[That is fine; the good half of it lives on in {feature}.|It will come back when it has learned something.|We kept its sound.]\n\n"
    "[Numbers, since you ask for them: {n:2000-9000} of you lit a lantern on {day}, and {n:100-900} of you petted the wrong goose.|"
    "Someone finished the winter without burning a single candle. We checked. It is true.|The most sold thing in the village is still soup.]\n\n"
    "[Until next week, keep warm.|Look after each other, and after your kettles.|See you on the ice.] – Alice"
)
_EVENTS = parse_expression(
    "[📅|🎏|🏮] [Lantern walk|Sled cup|Photo evening|Questions and tea with the team|Knitting circle|Night fishing] on {day} at <t:{soon}:t> (<t:{soon}:R>)[, meeting at {place}|, in the voice channel|]. "
    "[Everybody is welcome, nobody has to be good at it.|Bring your {item} and a warm drink.|The winner chooses the name of a goose.]"
)


def changelog_embed(version: str, at: datetime, random: Random) -> Embed:
    """The robot's changelog of a release."""
    return {
        "type": "rich",
        "title": f"Lanternfall {version}",
        "url": f"https://lanternfall.example/changelog/{version}",
        "description": f"Build {random.randrange(2100, 2900)}, {at:%-d %B %Y}",
        "color": 0x6FB7E9,
        "timestamp": at.isoformat(),
        "fields": [
            {"name": "New", "value": _bullets(_NEW, random, random.randrange(2, 6)), "inline": False},
            {"name": "Better", "value": _bullets(_BETTER, random, random.randrange(2, 5)), "inline": False},
            {"name": "Mended", "value": _bullets(_MENDED, random, random.randrange(3, 9)), "inline": False},
        ],
        "footer": {"text": "Snowplough clears the way"},
    }


def build_embed(version: str, at: datetime, random: Random) -> Embed:
    """The robot's note on a nightly build."""
    passed = random.random() < 0.75
    number = random.randrange(2100, 2900)
    broken = (
        f"{random.randrange(1, 9)} tests failed: goose, ferry"
        if not passed
        else f"{random.randrange(1800, 2400)} tests passed"
    )
    return {
        "type": "rich",
        "title": f"Nightly build {number} of {version} {'is green' if passed else 'is red'}",
        "url": f"https://builds.lanternfall.example/{number}",
        "description": f"{broken}, {random.randrange(9, 34)} min {random.randrange(60)} s",
        "color": 0x57B36A if passed else 0xD9534F,
        "timestamp": at.isoformat(),
    }


def release_post(version: str, random: Random) -> str:
    """Alice's words over a changelog."""
    return _words(_GREETINGS, random, {"version": version})


def workshop_letter(number: int, random: Random) -> str:
    """A letter from the workshop, some paragraphs long."""
    return _words(_LETTERS, random, {"number": str(number)})


def event_post(at: datetime, random: Random) -> str:
    """An invitation to something two evenings ahead."""
    soon = (int(at.timestamp()) + 2 * 86_400) // 3600 * 3600
    return _words(_EVENTS, random, {"soon": str(soon), "day": f"{at + timedelta(days=2):%A}"})


def _bullets(expression: Expression, random: Random, count: int) -> str:
    lines: dict[str, None] = {}
    while len(lines) < count:
        line = _words(expression, random, {})
        lines[f"• {line[0].upper()}{line[1:]}"] = None
    return "\n".join(lines)


def _words(expression: Expression, random: Random, known: dict[str, str]) -> str:
    def fill(name: str) -> str:
        if name.startswith("n:"):
            low, _, high = name[2:].partition("-")
            return str(random.randint(int(low), int(high)))
        if name in known:
            return known[name]
        options = words_of("en", name)
        if options is None:
            raise ValueError(f"no words for {{{name}}}")
        return expand(random.choice(options), random, fill)

    return expand(expression, random, fill).strip()
