"""What is said in #screenshots and in the forum #ideas."""

SCRIPT = r"""
=== screenshots
A: {%aurora} [aurora over|last night at|the sky above] {place}, [no mods|photo mode, {setting} on|waited {while} for this]
^ 😍 ❄️ 🌌
B: {wow}
?C: [how do you get|what's your trick for] [the haze|that green|the stars so sharp]?
A>C: [fog at forty percent|wait for the second wave|just luck and {drink}]

=== screenshots
A: {%village} [my village on|year {n:2-9},] {day}: [every lantern lit|finally symmetrical|{n:40-300} hours in]
B: [the roofs|the little fence|the boat on the hill]!! [goals|mine looks like a yard sale]
C: {wow}, [is that a {creature} on the chimney|where did you get the blue shutters|the path!]
A>C: [yes, she lives there|{npc}, on {day2}s|moved every stone by hand]
^ ❤️ 🏡

=== screenshots
A: {%sunset} [golden hour|six in the evening|first light] at {place}
^ 🌅 😍
?B: [wallpaper now|printed and framed|this is why I play]

=== screenshots
A: {%night} [found|met] this [little guy|{creature}] [behind|near] {place}, [no idea how it got there|it followed me home|did not bite]
B: [protect it|name?|I would die for it]
A>B: [Gerald|Crumb|Miss Pike|Admiral Snow|Beans|Herr Flocke]
^ ❤️ 🥹
C: [Gerald|{creature}s] [forever|deserve a hat|know something we don't]

=== screenshots
A: {%lake} before / {%sunset} after [the thaw|{n:20-90} hours|meeting {npc}]
B: {wow}, [what a difference|the same bench!|left one for me though]
^ 🔥

=== screenshots
A: {%snow} [photo mode challenge|this week's theme]: “[smoke|small lights|someone waiting|footprints|doors]”. [show me yours|I start]
B: {%night} [here's mine|“{npc}, late”|mine's a bit dark]
C: {%village} [threw this together|bending the rules a little|from the roof of {place}]
A>B: [that one|the shadow on the left]! {wow}
^ 🏆 ❤️

=== screenshots
A: {%pixel} fan art of {npc}, [ink and coffee|first try at pixels|drawn in {while}]
SORAYA: [This is so lovely|I love the hands|You caught the nose exactly]. May I [show it to the team|hang it on our wall]?
A>SORAYA: [YES|I'm fainting|of course, wow]
^ 😍 🎨 🎉

=== screenshots
A: {%forest} [lost in|deep in] [the birch maze|the woods past {place}], [send a {creature}|send help|not even mad]
B: [left, left, owl, right|follow the smoke|that's where I live now]
^ 😂 🌲

=== screenshots
A: [a bug, but|technically a glitch,] [art|look at it]: {%aurora} {npc} [became the sky|is {n:40-90} metres tall|stands in the moon]
B: [framed|don't fix this|new god just dropped]
^ 😂 🙏 🌕
?DEV: [I have seen nothing|Fixed in {next}, with a tear].

=== screenshots
A: {%warm} [inside|interior] [today|finally done]: [kitchen|attic|reading corner], [every book placed by hand|the rug took {while}|feat. one {creature}]
B: [cosy|I can smell the {drink}|moving in], [where's the stove from|the books!]
A>B: {npc}'s [attic sale|third quest], [{n:20-400} crowns|worth it]
^ 🕯️ ❤️

=== ideas
# [Let us|Please let us] [name|pet|paint|rename] [our sleds|the {creature}s|the boats|the geese]
A: [It would be|Imagine how] lovely to [write a name on the side|pick a colour|choose a bell]. [Even just three colours|A small sign would do|No gameplay needed]. [My sled has had a name for a year and nobody knows it.|The {creature} by {place} deserves one.]
^ 👍 ❤️
B: [yes please|+1|take my vote], [and let the name show up in letters|and {npc} should comment on it]
C: [mine would be “{item}”|I'd call mine Gerald|I need a filter against my brother then]
DEV: [We like this|This is closer than you think]. [No promise of a date|It needs a font with all your alphabets], but it is on the wall.
^ 🎉

=== ideas
# [A calendar|A proper calendar|An almanac] for [festivals|fish|weather]
A: I [keep missing|always forget] [the lantern festival|{npc}'s birthday|the ferry]. A [small|paper] calendar on the [wall|desk] that shows [{n:3-14} days ahead|moon, tide and birthdays|what we noted ourselves] would [help|save me].
B: [we have a spreadsheet for this|yes, on the wall, not in a menu|with little drawings]
C: [counterpoint|gently]: [not knowing is half the fun|missing things makes me replay]
A>C: [then don't hang it up|fair, make it something you can buy|you're a stronger person than me]
^ 👍 📅

=== ideas
# Accessibility: [one-handed play|colours for the lanterns|slower fishing]
A: [I play with one hand|My brother is colour-blind|My reactions aren't what they were] and [most of it works wonderfully|the game is kind already], but [the ice rod needs two buttons at once|red and green lanterns are the same for him|night fishing is over before I see it]. [A hold-to-toggle option|Shapes on the lanterns|A wider window] would be [enough|wonderful]. I'd [gladly test it|send a save].
DEV: [This is important|Thank you for writing it down so clearly]. [Ilmari has a first version|We plan it for {next}|It needs a day, you will get the day]; may I write to you for a test?
A>DEV: [any time|of course, thank you|I'm tearing up a bit]
^ ❤️ 🙏
B: [same here, thank you for asking|this studio…|would use it too]

=== ideas
# [Export|Print|Share] our [journals|maps|recipes]
A: [After {n:90-700} hours|By now] the journal is [half my diary|a small novel]. [A button that writes it to a text file|A PDF with the drawings|Just plain text] would [make me happy|let me print it for {person}].
B: [there's a mod that dumps the text|I'd print the recipe pages], but [properly would be nicer|it breaks since {build}]
?DEV: Plain text is [easy|nearly free], drawings are [not|a lovely headache]. [Noted|Vote here with 👍].
^ 👍

=== ideas
# [More|New] [winter sports|instruments|ways to travel]: [curling|ice yachts|ski jöring|a zither|a kicksled]
A: [Hear me out|Short pitch]: [the lake is right there|{place} is empty on {day}s|{npc} needs a hobby]. [Rules in one sentence|Two players|Very slow], [the loser washes up|the winner gets a ribbon|geese as referees].
B: {agree}. [the referees especially|I'd play nothing else]
C: [and a league|and a ribbon for last place|co-op please]
^ 👍 🥌

=== ideas
# [Let letters|Could letters] [arrive late|carry small gifts|be answered]
A: [I write to {npc} every week|Letters are my favourite thing] and [the answer comes next morning, always|I can never send the {item} along]. [A storm could delay the ferry|One small parcel a week|A choice of three answers] – [tiny change, big feeling|that's all].
B: [yes|oh yes], [waiting for mail is half of winter|I'd check the box every morning]
DEV: [Lumi says hello|The post office is hiring]. [It is prototyped on a branch called “late mail”|We are writing more letters first].
^ 👍 💌

=== ideas
# [Quality of life|Small wish]: [sort the chest|one button for all lanterns|remember my camera|skip the tax letter]
A: [I have {n:8-60} chests|It takes me {while}|Every single evening] and [my wrist hurts|my goose judges me]. [Sort by last used|Hold the button|A tick box in options] would [do|be heaven].
B: [+1|yes]
C: +1, and [for the {craft}s too|a search field]
DEV: [Sorting is in {next}|That one is easy|Planned]. The tax letter stays.
^ 😂 👍
"""
