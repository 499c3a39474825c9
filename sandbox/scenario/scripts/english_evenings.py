"""More of what is said in #general, #off-topic, #help, #bug-reports and #screenshots."""

SCRIPT = r"""
=== general
A: [weekend|tonight's|small] challenge: [reach|cross|furnish] {place} [without a lantern|wearing only the {item}|before {npc} wakes up]
B: [easy|impossible|already crying], [what do I win|time limit|on which save]?
A>B: [eternal fame|a {fish}|my respect, slightly used], until {day} [noon|midnight]
C: [did it|done], {n:4-58} minutes, [lost a boot|slid most of the way|a {creature} carried me]
^ 🏆 😂
?B: [no way|proof]!
C>B: {%snow} [the boot is bottom left|note the time]

=== general
A: can we talk about [how|the way] {npc} [hums while sweeping|waves at the ferry|never finishes a sentence]?
B: [every time|oh I know], [it's the tiny things|I stop walking for that|I have it as a ringtone]
?C: [Dmytro recorded that in one take|there's a version where they don't, it feels wrong]
^ 🥹

=== general
A: what do you [all|lot] do [first|the minute you wake up] on a new day?
B: [feed the {creature}|stove, then window|check the letter box|run to {place}]
C: [greet|annoy] {npc}, [every single morning|rain or snow], [then fish until noon|then forget why I got up]
D: [sleep again|I haven't slept since the {item} quest|count my {fish}s]
^ ☀️ 😂

=== general
A: I have {n:2-40} {item}s and [a problem|no regrets|one bed]
B: [sell one|give them to {npc}|build a museum]
A>B: they all have [names|different scratches|feelings]
^ 😂 ❤️
?C: [a museum then|admission {n:1-9} crowns, I'd come]

=== general
A: [voice chat|Fireside] in an hour? [{hobby} and chatting|quiet fishing|reading letters aloud]
B: [coming|I'm there], [mic is broken but I'll type|with {drink}|after {chore}]
C: [what's the theme|is it okay to only listen]?
A>C: [always|of course], [half of us only breathe and knit|nobody has to talk]
^ 🔥 🎧

=== general
A: [found|noticed] a [small thing|detail]: the [clock|weather vane|calendar] at {place} shows [your real time|the day you started|the last time you slept]
B: [no it doesn't|WHAT|since when]
B: [okay it does|just checked, I'm shaking]
^ 🤯
DEV: [It took {n:2-9} months until somebody saw|I owe Soraya a {drink} now: I said nobody would ever notice].

=== general
A: how [many|late] is “[normal|healthy]”? asking because steam says {n:180-1900} hours
B: those are [rookie numbers|training hours]
C: mine says {n:20-90} and I [feel|felt] [proud|seen] until now
^ 😂 💀
?D: [it's cheaper than therapy|my plants died for this]

=== general
A: poll time: [tea|soup|naps|geese] yes or no? 👍 👎
^ 👍 👎
B: [this is rigged|define {food}|abstaining, as an artist]
?C: [no is not an option|the people have spoken]

=== general
A: {@B} [thank you again for|just wanted to say thanks for] the [{item}|guided tour|company last night] ❤️
B: [any time|it was fun], [you nearly drowned {n:2-5} times|bring better boots next time|{npc} asks about you]
^ ❤️
?A: [rude but fair|I'll bring {food}]

=== general
A: is there [a reason|lore behind] why [the lanterns turn green|nobody sits on the red chair|the ferry has no name]?
B: [chapter {n:3-6}|the second letter] [hints at it|says it outright, almost]: [someone is still waiting for that chair|oil from the lake|you don't name what you expect to lose]
A: [chills|oh. OH|I thought it was a bug]
^ 😳 🕯️

=== general
A: [stream|streaming] tonight: [blind playthrough of|no-map run to|bad fishing at] {place}, [come heckle|be nice]: https://live.example/{n:100-9999}
B: [I'll be there|set an alarm], [do the goose voice|no backseat skating, I promise]
C: [can't, {chore}|lurking], [break a leg|say hi to {npc}]
^ 📺 🎉

=== general
A: [just|finally] [bought|got] it for [{person}|my whole family], [we race on {day}s now|they won't give the controller back]
B: [wholesome|the circle grows], [who wins|any fights yet]?
A>B: [the eight-year-old, always|{person}, and there were tears|the {pet}]
^ ❤️ 😂

=== offtopic
A: what's a [tiny|small] thing that made you [happy|smile] today?
B: [the bus driver waited|found {n:2-20} euros in a coat|my {pet} sneezed|fresh socks]
C: [somebody complimented my {hobby}|{drink} on the balcony|saw a heron]
D: [this question|nothing yet, day's young|{food} turned out right]
^ ❤️ ☀️

=== offtopic
A: [moving|moved] house [next week|on {day}]. I own [{n:9-60} boxes of {hobby} stuff|one fork|more plants than friends]
B: [good luck|been there], [label everything|lift with the knees|pay people in pizza]
?C: one fork is [all you need|a cry for help|very Lanternfall of you]
^ 📦 😂

=== offtopic
A: [does anyone else|am I alone to] [talk to their plants|narrate cooking like a documentary|read menus before going anywhere]?
B: {agree}. [my {pet} is the audience|since forever|my plants talk back]
C: no but I [apologise to furniture|thank the printer|name my socks], so [who am I to judge|hi]
^ 😂

=== offtopic
A: [film|series] tip for [a rainy evening|{day}]? [nothing scary|subtitles are fine|under two hours]
B: “[The Ferry Clerk|Nine Winters|Paper Harbour|A Small Orchestra]”, [barely any plot, lovely coats|bring tissues|the soundtrack alone]
A>B: [queued|sold on the coats], {thanks}
?C: [seconded|fell asleep twice, loved it]

=== offtopic
A: [my|the] [train|bus|lift] [is stuck|broke down] [between two fields|again], [entertain me|tell me something]
B: did you know [otters hold hands while sleeping|there's a town called Å|honey never spoils]
C: [guess my lunch|would you rather: a goose-sized horse or {n:20-100} horse-sized geese]
A>C: [the geese are already here, so|do they know {npc}]?
^ 🦆 😂

=== offtopic
A: {hobby} update: [it looks like a thing now|version {n:2-9}, less crooked|I dropped it] {%pixel}
B: {wow}, [from “I'm terrible” to this|look at the edges|teach me]
^ 👏 😍

=== offtopic
A: [new keyboard|new glasses|first espresso machine|second-hand bike] day!! 
B: [sound test|specs|pics]!
A>B: [clack clack|I can see leaves|it hums like {npc}]
^ 🎉
?C: [there goes the savings account|what did it cost, emotionally|jealous]

=== offtopic
A: it's {weather} and I have [to go out|no milk|a {pet} to walk]
B: [godspeed|wear the good boots|tell the {pet} I said hi]
A: [back. soaked. hero|we did one lap of the block and looked at each other]
^ 🫡 😂

=== help
A: [quick one|simple question]: [what does the red seal do|is the second bed worth it|which bait for {fish}]?
B: [opens the box at {place}|yes, you dream differently|bread, always bread]
A: {thanks}!
?C: [careful, only works once|and don't tell {npc}]

=== help
A: the [launcher|store page|update] [says “file locked”|stops at {n:12-99} %|loops]
B: [antivirus|a second copy running|disk nearly full]?
A>B: [{n:1-4} GB left|ah. yes|there were two, how]
B: [there you go|free some space and it continues|close both, start one]
A: [downloading|it moves], {thanks} {@B}
^ ✅

=== help
A: can I [undo|reverse] [giving away|selling] the {item}? {npc} [keeps it forever|wears it now]
B: [talk to them on {day}|once per winter you may ask it back|write a letter, they return it]
A>B: [really|that's so sweet]? [trying|I'll wait until {day2}]
^ 💌

=== help
A: {os}: black screen, [music plays|cursor only]. [tried everything|reinstalled twice]
B: `--windowed` [once|as launch option], then [set {setting} again|full screen from inside]
A>B: [picture is back|hello {npc}, I can see you], {thanks}
?DEV: [Which driver is that|It asks the monitor too politely]; {next} [waits longer|asks twice].
^ 🙏

=== help
A: how do achievements work [offline|with mods]? "{achievement}" [doesn't pop|is stuck at {n:40-99} %]
B: [offline they come later|mods are fine unless they touch {feature}], [start once online|sleep one night]
A: [popped|there it is], {thanks}!
^ 🏆

=== help
NEW: [is there|do you have] a [beginner's guide|first week plan]? I [drowned|froze|married a goose] [twice|already]
A: https://wiki.lanternfall.example/first-steps, [the short version: stove, boots, {npc}|don't read past chapter two]
B: [and|also] [don't sell the {item}|keep {n:3-9} {fish}s for the storm|you can't lose, only be late]
NEW: {thanks}, [writing that on a note|less afraid now]
^ 📖

=== bugs
A: {creature} [walks through the|gets stuck in the|sleeps inside the] [wall|well|stove] at {place} ({build}, {os}) {%night}
DEV: [Poor thing|Ah, the wall has a gap of one centimetre|It likes the warmth], [noted|LF-{n:1200-4890}].
?B: [mine did a backflip there|same spot, in {prev} too]
^ 🐛 😂

=== bugs
A: [after|when] [alt-tab|sleep mode|unplugging the pad] the [snow falls upwards|colours invert|time runs {n:2-9}x]
B: [feature|keep it|sounds lovely honestly]
DEV: [Reproduced on the first try|Not here, which {gpu} driver]. [The clock wakes up before the weather does|Fix in {next}].
^ ⏫ 😂

=== bugs
A: [journal|letter|quest] “[the third bell|a coat for winter|salt and string]” [can't be finished|shows twice|lost its last page] [if you skip {npc}|after {feature}]
DEV: Could you attach [the save|`village.sav`]? [I fear an order of events nobody tried|That quest was written on a train].
A>DEV: {$log} [and the save is in your mail|that's the log, save follows]
DEV: [Thank you|Got it], [one missing “else”|you are the first to walk left there]. {next}.
^ ✅

=== screenshots
A: {%snow} [storm|whiteout] at {place}, [I can't see my own sled|{npc} just stood there|worth the frostbite]
B: {wow}, [the one light in the back|cold just looking]
^ 🥶 ❄️

=== screenshots
A: {%aurora} {%lake} [same spot,|] [midnight and noon|two builds apart: {prev} and {build}]
^ 😍 🌌
B: [prefer the first|the second, for the ice], [but both could hang in a museum|hard choice]

=== screenshots
A: {%warm} [waiting for|tea with] {npc}, [photo mode at dusk|lamps at {n:10-60} %]
?B: [the window!!|you can nearly hear the stove]
^ 🕯️ 🥹
C: how many [candles|lamps] is that?
A>C: [{n:20-90}|yes], [my fps cried|and one {item}]
"""
