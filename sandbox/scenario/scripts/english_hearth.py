"""What is said in #off-topic."""

SCRIPT = r"""
=== offtopic
A: what's everyone [eating|having for dinner|cooking] [tonight|today]?
B: {food}, [again|homemade|because it's {day}]
C: {food2} and I [burnt|oversalted|am proud of] it
?D: [cereal|{drink} and regret|whatever is left]
A>C: [recipe|photo|survivors]?
C: [onion, garlic, patience|it's mostly butter|trade secret, but there is {n:3-12} cloves of garlic in it]
^ 🤤 🧄

=== offtopic
A: my {pet} [just knocked over|is asleep on|has stolen] my [keyboard|{drink}|knitting|only good chair]
B: [pet tax|we require evidence|photo please]
A: {%warm} [the culprit|look at this face|zero remorse]
^ ❤️ 😍 🐾
C: [innocent|clearly framed|10/10 would forgive]
?B: my {pet2} [approves|does the same at 4 am|is jealous]

=== offtopic
A: [currently|been] listening to [nothing but|way too much] {music} [while coding|this week|since {day}]
B: [any recommendations|drop a link|what's good]?
A>B: https://music.example/album/{n:1000-9999} [track {n:2-9}|the whole thing|start in the middle]
B: [oh this is nice|not what I expected|my neighbours know it now too]
?C: if you like that: {music2}, [trust me|it makes sense after twenty minutes|sorry in advance]
^ 🎶

=== offtopic
A: [finally|after months I] [picked up|started|got back into] {hobby}. [my hands hurt|it's so calming|I am terrible at it]
B: [ooh|nice]! [what are you making|any photos|who taught you]?
A>B: [a scarf that became a flag|something like a bowl|mistakes, mostly], {person} [gave me the tools|laughs at me|wants one too]
?C: I did {hobby} for [years|a summer], [the first ten are for the bin|it clicks after a month|buy the good tools once]
A: {thanks}, [noted|I'll stick with it|that's comforting]
^ ❤️

=== offtopic
A: how do you [survive|do] {weather} without [losing it|going mad]?
B: {drink}, [blankets|wool socks], [denial|Lanternfall|a very warm {pet}]
C: it's {weather2} here, [want to swap|I'd pay for that|send some over]
A>C: [deal|yes, immediately|you don't want this, trust me]
^ 🥶

=== offtopic
A: I should be doing {chore}. [instead I'm here|guess what I'm doing|so hello]
B: same, {chore2}
C: [accountability time|let's do it]: {n:20-30} minutes, [phones down|starting now|then we report]
A: [deal|okay|ugh, fine]
A: [done, mostly|back. I did half|I did {chore} AND cleaned the kettle]
B>A: [show-off|proud of you|I opened the document, does that count]
^ 💪 🎉

=== offtopic
A: what are you [playing|all playing] [besides Lanternfall|these days]? [need|looking for] a {genre}
B: [a little|some] {genre} about [a lighthouse|moss|divorced wizards|postal routes], it was [two crowns|free|in a bundle]
C: [I bounced off|I'm {n:20-300} hours into] a {genre2} and [can't stop|hate it and can't stop|need help]
A>B: name?
B: “[Tidewright|Small Hours, Long Roads|Mosskeeper|The Nine Bells of Orm|Parcel & Sons]”, [you'll thank me|skip the tutorial|play it with headphones]
?A: [wishlisted|bought|added to the pile of shame]

=== offtopic
A: https://video.example/watch/{n:10000-99999} [why did I watch all of it|this man restores mittens for 40 minutes and I'm crying|the ending!!]
B: I said “just one minute” and that was [an hour ago|{n:20-50} minutes ago|yesterday]
^ 😂
?C: [the algorithm knows|thanks, there goes my evening|saved for later]

=== offtopic
A: {laugh}, {person} just asked me [what a “server” is|if the internet is closed on Sundays|to “print the email back”]
B: [and what did you say|I'm stealing that|protect them at all costs]
A: “[yes|only in winter|ask the neighbour]”
^ 😂 ❤️

=== offtopic
A: [does anyone here know|anyone good with] [bikes|sourdough|taxes|fountain pens|leaking taps|houseplants]? mine is [making a noise|leaking|sad|not rising]
B: [depends|maybe], [what kind of noise|how old is it|did you feed it|can you send a photo]?
A>B: [like a duck in a tin|since {day}|{n:3-14} years, it was {person}'s]
B: [tighten the thing at the bottom|less water, more light|that's the washer, a two crown part|warm it up and wait]
A: [IT WORKED|it's better already|you fixed in a minute what I ignored for a year], {thanks}
^ 🔧 🙌

=== offtopic
A: what's the [view|light] [from your window|where you are] right now?
B: {%sunset} [just this|no filter|from the balcony]
C: [a wall|a car park and one brave tree|fog]. [a good wall though|I like the tree]
^ 😍
D: {wow} {@B}, [where is that|I need to move|is that real]?
B>D: [north of everything|an hour from Bergen|my kitchen, on the one good day]

=== offtopic
A: unpopular opinion: {food} is [better cold|a breakfast|overrated|a soup]
B: [straight to jail|mods?|I can't believe you'd post that here]
MOD>B: [Legal|I checked the rules: not forbidden, only wrong|Noted in the file].
^ 😂 ⚖️
C: no but {agree}

=== offtopic
A: anyone [learning|studying] a language? [I'm on day {n:12-600}|the owl is threatening me|I can now order {food} in three]
B: [Japanese|Ukrainian|Arabic|Finnish|Portuguese], [the grammar is|verbs are] [a maze|personal|beautiful and cruel]
C: the [language channels|folks in {#japanese}|people in {#german}] here are [super patient|how I practise]
A>C: [good idea|I'm shy but okay], {thanks}

=== offtopic
A: dreamt that [{npc} was my landlord|I had to sled to work|the goose did my {chore}]
B: [did you pay|were you on time|how did it do]?
A: [in {fish}s|no and it was snowing indoors|better than me]
^ 💀 😂

=== offtopic
A: [today|this week] was [a lot|rough|long]. [job stuff|family stuff|just tired]. [not asking for anything, just saying it|that's all]
B: [hugs if you want them|sorry to hear it|that sounds heavy] 🫂
C: [be kind to yourself|tea and an early night|we're around if you want to talk or just fish]
^ ❤️ 🫂
A: {thanks}. [it helps|already better|fishing sounds good]

=== offtopic
A: I got [the job|in|my results|the flat]!!! 
B: [YES|congratulations|let's go]!! 🎉
C: [knew it|so happy for you|deserved], [when do you start|celebrate tonight|cake?]
^ 🎉 🥳 ❤️ 🎊
A: [starting {day}|I cried on the tram|first person I told was you lot]

=== offtopic
A: meme of the day: [git commit -m "snow"|the five stages of {feature}|nobody: / absolutely nobody: / {npc}: “the ice remembers”]
^ 😂 💀
B: [okay who let you cook|stolen|framed and on my wall]
?C: [I don't get it|explain|old but gold]
A>C: [you have to have drowned there once|chapter {n:2-5}|it's better unexplained]

=== offtopic
A: {%pixel} [made this|drew this] [on the train|in {while}|instead of {chore}]
B: {wow}, [pixels?|how big is the canvas|which program]?
A>B: {n:32-128} by {n:32-128}, [sixteen colours|one palette from the game|all by hand]
^ 😍 🎨
?C: [commissions?|can I use it as an avatar|the little window!]
A>C: [of course|go ahead|with credit, sure] 🙂

=== offtopic
A: reading anything good?
B: [a history of salt|a ghost story set on a ferry|four hundred pages about moss|my own notes, in horror]
C: “[The Winter Ledger|Cartographers of Rain|A House for Owls]”, [took me {while}|finished it in one go|the middle drags]
A>C: [on the list|is it sad|borrowing that]
C: [a bit|very, in a good way|only if you like owls]

=== offtopic
A: {n:2-9} am club, who's awake
B: 👀
C: [new baby|night shift|time zones|“one more day”]
^ 🌙 🙋
A: [we ride|the village never sleeps|drink something]

=== offtopic
A: code people: why does this [print|return] [nothing|5 twice|None]? ```python\nlanterns = [lambda: n for n in range(6)]\nprint([light() for light in lanterns])\n```
B: [late binding|closures]: they all see the last `n`. [use|write] `lambda n=n: n`
A>B: [I've been staring at this for {while}|of course|I hate it here], {thanks}
^ 🐍

=== offtopic
A: TIL [snow squeaks only below −8 or so|geese have teeth on their tongues|owls can't move their eyes|the word “quiz” has no known origin]
B: [I could have lived without that|that explains a lot|source?]
A>B: [a podcast|{person}|a very old encyclopaedia]
^ 🤔 😳
"""
