"""What is said in #general."""

SCRIPT = r"""
=== general
A: {hello}! [what is everyone up to in the village|anyone around|who is playing tonight|how is the snow on your end]?
B: [trying to finish|still working on|procrastinating on] [my house before the festival|the {craft} quest|the collection at {place}], [no luck|one piece missing|it is going badly]
?C: I [traded|gave away|lost] my {item} [to {npc}|in a bet with {npc}|for a {fish}] and I [regret nothing|regret everything|would do it again]
B>C: [you did WHAT|that is the rarest thing in the game|please tell me you saved before]
C: [it was worth it|{npc} looked so happy|the {fish} is bigger than my door]
^ 😂 💀
A: {laugh}

=== general
A: hot take: {feature} is the best [part of the game|thing they ever added|reason to play], [fight me|I said what I said|and it is not close]
B: [counterpoint|respectfully]: {feature2}
C: [you are both wrong|neither], [it is|it was always] {feature3}
A>B: {feature2} is [fine|lovely] but I [fall asleep|get lost|start crying] every time
?D: [this is the third time this week|here we go again|popcorn is ready]
^ 🍿 😂
B: {agree}, [still right though|but still|I stand by it]

=== general
A: how long did it take you to [find|befriend|catch|talk to] {npc}?
B: [about|like|give or take] {while}. {npc} [hides|sleeps|stands around] {spot} when it [snows|is dark|is {day}]
A>B: {spot}?? I walked past there [{n:4-30} times|all evening|every single day]
B: [everyone does|classic|that is the joke I think]
?C: wait there is a person {spot}?
^ 😱

=== general
A: [is it me or|did they change something or] does {place} [look different|sound different|feel warmer] since {build}?
B: [new|they changed the] [footstep sounds|lamp shader|snow texture|chimney smoke], it was in the notes
DEV: [guilty|that was me|caught me]. [I repainted|I moved|I relit] {n:12-90} [lamps|windows|roof tiles] on a [quiet|rainy|long] {day} and [told nobody|hoped someone would notice|never wrote it down].
^ ❤️ 👏
A>DEV: it is [lovely|so much better|the best thing], [please never stop|do more of that|thank you]

=== general
A: day {n:40-400} of [asking for|dreaming about|politely requesting] [a pettable {creature}|a hug button for {npc}|a bench at {place}|seasonal curtains]
B: [keep going|stay strong|we believe in you]
DEV: [noted on the wall|it is on the list, page two|I can neither confirm nor deny]
A>DEV: [it is HAPPENING|screenshotted|I will hold you to that]
^ 👀 🙏

=== general
A: just [got|unlocked] "{achievement}" after {while} 🎉
B: [congrats|nice|gg|well done]! [which ending|how many tries|did you cry]?
A>B: {n:3-60} tries, [two|three|several] [broken controllers|pots of {drink}|meltdowns]
?C: I still don't have that one, [is it the thing at {place}|do you need the {item} for it]?
A>C: [yes|yep|almost]: [bring|carry|wear] the {item} to {place} [at night|in fog|during aurora] and [wait|sit down|do nothing] for a full minute
C: {thanks}!!

=== general
A: my {person_kind} [walked in|asked what I was doing|watched over my shoulder] while I was [apologising to|reading a letter from|knitting for] {npc}
B: [and|go on|what did you say]?
A: I said [“it's complicated”|“shh, she is sad”|“she lost her goose”]. now [they|we both] [play too|are invested|have a save of our own]
^ ❤️ 😂
?C: [that is how it gets you|this game is contagious|another one joins the village]

=== general
A: {@B} [did you see|have you seen] [the letter from {npc}|what is hanging at {place}|the new sign by {place2}]?
B>A: [no??|not yet|no spoilers]! [what does it say|should I go now|is it sad]
A: ||[it says the lake was a town once|{npc} is leaving in spring|somebody has been lighting the lanterns before you wake up]||
B: [oh|oh no|I need a minute]
^ 😭
B: [I was not ready|this is supposed to be cosy|okay now I have to replay chapter {n:2-6}]

=== general
A: for those who [wonder|asked]: the [wiki|community wiki] has a page for every {creature} now, with [maps|tracks|sounds]: https://wiki.lanternfall.example/creatures/{n:10-99}
B: {thanks}! who [made|drew] the maps?
A>B: [mostly {C}|{C} did the drawing|me and {C}, over {while}]
C: [it was nothing|I have no life|it was raining anyway]
^ ❤️ 🙌 🗺️
?D: the [{creature}|{creature2}] page says “do not approach”, [mine sleeps on my bed|too late|rude]

=== general
A: what is your [house|cottage] layout? I need [ideas|inspiration|to stop rebuilding]
B: [kitchen first|everything around the stove|bed in the attic, of course], [shelves|{item}s|plants] on every wall
C: mine is [one room and {n:20-80} candles|a maze|basically a museum of {fish}s]
?D: I live in [the shed|the boat|{npc}'s spare room] and never looked back
A>C: that is a [fire hazard|lifestyle|cry for help]
C: it's [cosy|ambience|tradition]
^ 🔥 🕯️

=== general
A: [quick question|question], is {feature} [coming to|any good on|playable on] [Steam Deck|controller|a small screen|ultrawide]?
B: [works great|runs at 60 for me|mostly], [set|turn] {setting} [off|low] [and forget about it|, that's all]
A>B: {thanks}
?C: [battery lasts|I get] about {n:2-5} hours [like that|with the lamps at half]

=== general
NEW: {hello}, [new here|just joined|first day]! [a friend gave me|I got|bought] Lanternfall [yesterday|last week|on a whim] and [it's lovely|I already love {npc}|I have no idea what I'm doing]
A: welcome! [take your time|don't rush the first winter|talk to {npc} first], and [stay off|keep away from] the ice at {place}
NEW>A: [why|what happens on the ice|too late]?
B: [you'll see|some things must be lived|the goose]
^ 👋 ❄️
VERA: [welcome in|good to have you]! If you get stuck: {#help} is quick and kind.
NEW: {thanks} ❤️

=== general
NEW: {hello} from [Lisbon|Winnipeg|Lagos|Kraków|Busan|Porto Alegre|Tromsø|Cairo|Pune|Dunedin|Lviv|Osaka] 🙂 [is it too late to start|do I need to play the first game before|where do I begin]?
A: [never too late|not at all|just start], [the first one is a short|everything begins at] [prologue anyway|{place}]
?B: [pick the goose|do not pick the goose|the goose picks you]
NEW: [noted|the goose??|okay I am scared now]

=== general
A: [sled race|race] tonight at <t:{soon}:t>, [{n:4-9} places|two lanes] [free|left], who is in?
B: in!
C: [me too|in, if my router behaves|I'll be late but yes]
D: [watching only|I'll referee|no, my knees], [have fun|bring snacks]
A>B: [bring|don't forget] your {item}, house rules
# Sled race, {day} night
A: [track|course]: {place} → {place2} → [finish at|back to] {place3}. [No|Only one] shortcut.
B: [ready when you are|warming up the runners|waxed and waiting]
C: [who put a {creature} on the track|I can't see anything in this snow|my sled is facing backwards]
A: [three|ready]… [two|set]… [one|go]…
B: [that was not a start signal|{laugh}|GO]
C: [I crashed into {npc}|straight into the lake|took the wrong bridge]
B: {n:1-3}:{n:10-59}.{n:100-999}!! [personal best|new best|I won by a nose]
^ 🏁 🎉 🛷
A: results: {B}, then {C}, then [me, with dignity|the {creature}|nobody else finished]

=== general
A: do you think [the lake|{npc}|the observatory|the bell] is [based on|inspired by] [a real place|somebody|a folk tale]?
B: [there's an old interview|I read somewhere|Alice said once] that [it's from her grandmother's village|it came from a dream|it began as a joke about a bell]
ALICE: It is my grandmother's village with the [lake moved closer|weather made worse|people made kinder]. The bell is real, it still hangs there.
^ 🥹 ❤️ 🔔
A>ALICE: [now I want to visit|that makes it even better|I will never skip the bell scene again]

=== general
A: [spent|wasted|invested] {while} on [organising my inventory|matching curtains to the aurora|decorating a boat nobody will see]
B: [time well spent|healing|that IS the game]
?C: pics or it didn't happen, {#screenshots} is right there
A>C: [fine|okay okay], [when the sun is up|give me a minute|after I fix the rug]

=== general
A: ranking [the festival foods|everyone at {place}|the geese] by [how much they'd survive outside|vibes|usefulness in a sled crash]: 1. {npc} 2. {npc2} 3. [the {item}|a bucket|me]
B: {npc2} second?? [recount|this is slander|explain yourself]
A>B: [I don't make the rules|the data is clear|{npc2} once thanked a door]
C: [the door was polite|fair|okay that's fair]
^ 😂

=== general
A: [good morning|morning], [village|all]. [coffee is on|{drink} is on|stove's lit]. it is {weather} here
B: morning! {weather2} [over here|on my side]
C: [just waking up|going to bed actually|still awake from yesterday], {weather3}
?A>C: [sleep is a feature too|drink water|it is what it is]

=== general
A: {bye} [everyone|all], [if I dream of {creature}s again I'm suing|that one more day turned into {n:3-9} more days|the aurora got me again]
B: [sleep well|night]! 🌙
?C: [one more day|just one more fishing trip]…
A>C: [no|stop|don't tempt me]

=== general
A: could the [devs|studio] [say|tell us] [anything|a bit more] about [the spring chapter|console versions|the soundtrack release|a physical edition]?
DEV: [Not yet|Soon|A little]: [it is being tested|we are talking with people|the masters are done], and [we will say it in {#announcements} first|nothing is promised until it runs].
A>DEV: [fair|good enough|I can wait], [take your time|don't crunch|we like you rested]
^ ❤️

=== general
A: the [lore|timeline] [makes no sense|finally clicked for me]: if the bell was [lost|recast] in the [year of the long frost|second winter], who [rang it|heard it] in {npc}'s letter?
B: [unreliable narrator|the letter is older than the stamp|different bell]. look at the [seal|paper|watermark]: [spruce, not birch|it's from {place}|upside down]
A: …
A: [I have to reread everything|how did I miss that|my whole board is wrong]
^ 🤯 🧵
?C: and the [lantern|window] at {place2} is lit in that scene. [nobody lives there|think about it|every time]
B>C: [do not do this to me at 2 am|I hate that I checked and it's true|new theory just dropped]

=== general
A: {%village} [my morning walk|first thing I did today|found a new path]: [nothing happens and it's perfect|no quests, just snow|counted {n:11-70} lanterns]
B: {wow}
?C: is that [past|behind] {place}?
A>C: [yes|a bit further], [through the gap in the fence|over the wall and left|you have to follow a {creature}]

=== general
A: anyone else [play with the sound off|only play on {day}s|play in the bath|play on the bus]?
B: [on the bus yes|no, the music is half of it|every {day}, it's my ritual]
C: I [put|have] the [lake|tavern|rain on the roof] loop on while I do {chore}
DEV: There is a [ten hour|two hour] version of the lake loop coming, [mixed|recorded] with [my actual kettle|an actual lake|two very patient geese].
^ 🫖 🎶 ❤️

=== general
A: who else [cried|teared up] at [the ferry scene|{npc}'s birthday|the empty chair]?
B: [me|guilty|I'm not made of stone]. twice
C: I [paused|put it down] and [called my mum|went for a walk|sat there]
^ 🥲 🫂
?D: [which chapter is that|no spoilers please|I'm only in chapter {n:2-4}]!
A>D: [sorry|say no more|you'll know when you get there]

=== general
A: made a [spreadsheet|little tool|calculator] for [tea blends|sled weights|fishing odds], [because of course I did|for {while}|instead of {chore}]: https://sheets.example/lanternfall-{n:100-999}
B: [you beautiful nerd|this is exactly my thing|bookmarked]
B>A: [row {n:12-240} is wrong|one fix]: [{fish}|a {fish}] [needs|bites only with] [moss|honey|bread] bait [in fog|at dusk]
A: [fixed|good catch|updated], {thanks}
^ 🤓 📈

=== general
A: [controversial|unpopular opinion]: the [goose|night watchman|tax letter] did nothing wrong
B: it [ate my hat|woke the whole village|bit {npc}]
A>B: [the hat had it coming|self-defence|nobody proved that in court]
^ 🦆 😂
?MOD: This is a [pro-goose|neutral] channel. Keep it civil.
B: [the moderators have been bought|with bread, I assume|of course they are]

=== general
A: [is|are] the [servers|cloud saves|website] [down|slow] for anyone else?
B: [works here|fine for me|same, since about ten minutes]
C: [down here too|up again now|spinning snowflake of doom]
DEV: [We see it|On it], the [database|save service|certificate] had a [cold|bad morning]. [Back in five|Should be up again|Nothing is lost], {sorry}!
?A>DEV: [no worries|take your time|works again], {thanks}

=== general
A: it's my [birthday|cake day|one year in the village] today 🥳 
B: happy [birthday|day]!! [have a {item}|go pet a {creature}|cake from {npc}]
C: 🎂 [many happy snowfalls|happy day|all the best]
^ 🎂 🎉 ❤️
VERA: [happy birthday|congratulations], {A}! May your lantern [never go out|burn long].
A: [aw|thank you all|you are the best corner of the internet]

=== general
A: finished chapter {n:3-7} at [3 am|work|the dentist's]. [I have questions|no notes|I need to talk about it]
B: spoiler thread is [over there|pinned]. [but|just tell me]: [the door or the boat|did you forgive {npc}|which lantern]?
A: ||[the boat. I panicked|forgave her, obviously|the small one, it was the last with oil]||
B: [correct choice|brave|oh you're one of THOSE]
^ 👀

=== general
MOD: [Friendly|Gentle|Weekly] reminder: spoilers for chapter {n:5-7} [behind bars|in spoiler tags] please, like ||this||, [until the end of the month|for two more weeks]. [New people arrive every day|Somebody always plays slower than you].
A: [sorry|oops], [that was me|was that about me]?
MOD>A: [Among others|You and {n:3-9} more|No names]. [All forgiven|Carry on]. ☕
^ 👍
"""
