"""What is said in #help and #bug-reports."""

SCRIPT = r"""
=== help
NEW: {hello}, how do I get [into|to] {place}? the [door|path|gate] is [locked|snowed in|guarded by a {creature}]
A: you need the {item}, [{npc} has it|it's {spot}|buy it on {day}]
NEW>A: {npc} [won't talk to me|says “come back in spring”|just stares]
A: [did you bring {food}|are you wearing the {item}|wait until dark], [that's the trick|works for me|took me ages too]
NEW: [it worked|I'm in|that did it]! {thanks}
^ ✅

=== help
A: [stuck on|I can't finish] chapter {n:1-7}: [{npc} never shows up|the lantern won't light|the ferry doesn't come]
B: which build? and did you [sleep|save] at {place} [before|after] the storm?
A>B: {build}, [before|after, I think|neither]
B: [then|ah]: [sleep once more|leave the map and come back|talk to {npc2} first], the [flag|trigger] is [set in the evening|a bit shy]
?A: [nothing yet|trying|one moment]…
A: [there|yes|finally]! {thanks} {@B}
?B: {hope}
^ 🙌

=== help
A: can I move my save from [one PC to another|Windows to the Deck|the demo to the full game]?
B: yes: copy `[Documents/Lanternfall/saves|~/.local/share/lanternfall/saves|%APPDATA%/Lanternfall/saves]`, [the whole folder|all three files|also the .bak]
A>B: it says [“save from the future”|“wrong village”|nothing at all]
DEV: [“From the future”|That] means the [target is older|versions differ]: bring both to {build}, then copy again. Your [progress|village] is [safe|not lost].
A: [works|all there, even the goose], {thanks}!!
^ ❤️ ✅

=== help
A: performance question: {gpu}, [30 fps|stutters|fans like a jet] at {place}. [normal|what can I turn down]?
B: {setting} [off|to medium] [doubled|helped] it for me
C: and cap it at [40|60], the [physics|snow] likes that
A>B: [{n:48-75} fps now|so much better|quiet fans at last]. {thanks} both
?DEV: {place} is [heavy|being optimised], {next} [halves|cuts] the [draw calls|shadow cost] there.
^ 👍

=== help
NEW: how do I [refund|gift|redeem] [the game|a key]? [bought it twice|my friend lives elsewhere|the code says used]
MOD: [Send|Write] to help@snowflake-studios.example with the order number, [never post keys here|please not in the channel]. They answer within a day.
NEW>MOD: {thanks}, [done|wrote them]
?NEW: [they answered in an hour|solved already], [wow|you people are quick]

=== help
A: mods won't load since {build}: {$log}
B: line {n:20-90}: `loader: api 3 expected, found 2`. [the author|that mod] has to update
A>B: [which one|is there a list|can I force it]?
B: the one [at the bottom|called “more geese”|that changes {feature}]. [start with|add] `--mods-lenient` [for now|at your own risk]
A: [it starts|works, with {n:2-9} warnings|geese restored]. {thanks}
^ 🦆

=== help
A: [is there|does anyone have] a map of {place}? I keep [going in circles|missing the third lantern]
B: wiki: https://wiki.lanternfall.example/maps/{n:1-40} [with|it even has] [ladders|secret doors|goose routes]
A: {thanks}, [perfect|exactly what I needed]
?C: [careful|heads up], the [map|upper floor] is from {prev}, the [stairs|well] moved

=== help
A: [controller|gamepad] [isn't found|drifts|has swapped buttons] on {os}
B: [steam input on or off|which one|wired or bluetooth]?
A>B: [off|an old one|bluetooth, white, sticky]
B: turn it [on|off and on again], then [the dead zone to {n:8-20} %|“legacy layout” in {setting}]
A: [yes!|that's it|drift's gone], {thanks}
^ 🎮

=== help
A: [does|will] co-op work [between|across] [Steam and the other store|two countries|Linux and Windows]?
B: yes, with a [village code|letter code], [menu → guests|at the ferry landing]
A>B: we get “[guest lost in snow|letter returned to sender]” after a minute
B: one of you is on {prev}, [check the corner of the menu|update both]
A: [you're a wizard|it was me, of course], {thanks}
^ ✨

=== help
A: how do I [breed|calm|feed|photograph] a {creature}?
B: [moss and patience|not on {day}s|only in fog], [stand still|sing with the whistle|put the {item} down first]
A>B: it [bit me|ran off with my {item}|sat on me]
B: [that means it likes you|as intended|rookie mistake]
^ 😂

=== help
A: where does {npc} [go|sleep|hide] on {day}s?
B: {spot} at {place}, [after dark|before noon]
A>B: {thanks}, [found|been looking for {while}]

=== help
A: the game [closes|crashes] [when I open|as soon as I use] {feature}. {os}, {gpu}. {$crash}
DEV: Thank you for the log. `[SnowField|LampPool|GooseBrain|LetterBox]::[update|release|draw]` with [an empty list|a null lamp|a driver of last spring]. Could you try [a newer driver|`--safe-lamps`|switching {setting} off]?
A>DEV: [one moment|trying]
A: [no crash for {while} now|it holds|works with the flag]
DEV: [Good|Then I know where it is]. The real fix goes into {next}.
^ 🙏 ❤️

=== help
A: I [deleted|overwrote] my save [by accident|in my sleep|thanks to my {pet}]. [is it gone|please tell me there is a backup]
B: breathe. there are three `.bak` files in the saves folder, rename the newest to `village.sav`
A>B: [I found two|they're from this morning]
A: IT'S BACK. [the house, the goose, everything|I could cry|I owe you a {drink}]
^ 🎉 😭 ❤️

=== help
A: [settings|text] question: can I make the [letters|subtitles|journal] [bigger|less curly|readable]? [my eyes|my mum plays too]
B: options → comfort → “[plain hand|large print]”, [up to {n:150-250} %|and the contrast slider below]
A>B: {thanks}, [night and day|she says thanks too]
^ ❤️

=== help
A: [anyone knows|is it possible] to turn off [the wind|flashing|the goose]?
B: wind: [audio → weather|the third slider]. flashing: comfort → “steady light”. the goose: [no|never|nobody can]
^ 🦆
A: [worth asking|fair|I respect that]

=== bugs
A: **Bug:** {npc} {bug}\n**Build:** {build}\n**System:** {os}, {gpu}\n**Steps:** 1. [sleep|save] at {place} 2. [talk to {npc}|equip the {item}] 3. [leave by the back|open {feature}]\n**Expected:** [dignity|that they don't]\n{%night}
DEV: Thank you, [that is a good report|clear as ice]. [Can you see it again after a reload|Does it happen without the {item} too|Always, or only at night]?
A>DEV: [every time|two in three|only after {while} of play]
DEV: [Found|Reproduced], [the door and the bed fight over the same spot|a sign is flipped|somebody (me) counted from one]. In {next}.
^ 🐛 ✅
?A: {thanks}! [that was quick|can I keep a copy of the bug]

=== bugs
A: {npc} {bug} at {place}, {build}. [not game-breaking|it's beautiful actually|my kid screamed]
B: [same|can confirm|seen it too], on {os}
DEV: Ticket LF-{n:1200-4890}. [Harmless|Ugly], [will be gone in {next}|on my list for this week].
?B: [please keep it|as a cheat at least|it has a name already]
^ 😂 🐛

=== bugs
A: the {item} [duplicates|disappears|turns into a {fish}] when I [drop it on the ferry|trade it with {npc}|sleep while holding it]
DEV: [How many do you have now|Since which build|Oh no]?
A>DEV: {n:2-400}. [I'm rich|the economy is dead|{npc} is afraid of me]
^ 💰 😂
DEV: [Enjoy it until {next}|I will not take them away|Please don't tell the others].
?B: [asking for a friend: on the ferry, which side|too late]

=== bugs
A: [typo|small text bug] in [{npc}'s letter|the German journal|the credits]: “[recieve|the the|Laterenfest|its self]”
DEV: [Thank you, sharp eyes|Fixed|Ouch, that was me], {next}.
^ 👀

=== bugs
A: memory goes up [all the time|by {n:40-300} MB an hour] at {place}, after {while} it [stutters|closes]. {$log}
DEV: Is {setting} on? And [do you have mods|how many lanterns stand around]?
A>DEV: [off. no mods|on, no mods], {n:90-900} lanterns
DEV: [There it is|Thought so]: ```csharp\nforeach (var lamp in village.Lamps)\n    pool.Rent(lamp.Glow);   // and never returned\n```
B: [never returned, like my library books|classic]
^ 😂 🐛
DEV: {next} gives them back. {thanks} for the log.

=== bugs
A: crash on start since {build} [(worked in {prev})|]: {$crash}
B: same here, {os}
C: [works on {os}|no problem here]
DEV: Those who crash: is there a [non-Latin letter|blank|snowflake emoji] in your [user name|folder's name]?
A>DEV: [yes!|indeed|“Köttbullar”, yes]
DEV: [Then that is it|Sorry], we forgot that people have names. A hotfix is [building|on its way]. Until then: `--saves C:/lanternfall`.
^ 🙏 👏
A: [starts now|confirmed], {thanks}!

=== bugs
A: sled [clips|teleports|reverses] at the [second|last] bend of {place}, [{n:2-6} out of 10 times|only when it snows]
B: video? 
A>B: https://video.example/watch/{n:10000-99999} [0:{n:10-58}|the last ten seconds]
DEV: [I see|Physics says no|The {creature} has no collision layer]. [Noted|Ticket made], LF-{n:1200-4890}.
^ 🛷

=== bugs
DEV: Fixed for {next}: [{npc} {bug}|the double {item}|the sled at {place}]; [two|three] more of yours are [in review|waiting for tests]. [Keep them coming|Thank you for your patience].
^ ❤️ 🎉
A: [you're fast|what a team|rest in peace, {npc} on the roof]

=== bugs
A: sound of [footsteps|the bell|rain] [stops|doubles|comes from the left only] after {feature}. headphones, {os}
DEV: [Dmytro hears this more often|We have that on a list]. Does it come back when you [change the output|enter a house]?
A>DEV: [yes, entering a house|no|only in the bath house]
?DEV: [Perfect, that tells me which bus it is|Strange, the bath house has its own echo].
^ 👂
"""
