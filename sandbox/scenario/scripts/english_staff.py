"""What the staff says among itself, and what happens where it has to step in."""

SCRIPT = r"""
=== staff
BOB: [Morning|Evening] round: [{n:2-9} reports, all small|quiet night|two spam links removed, one sleepy argument about geese].
MOD: [I had|From my side] one [nickname|avatar] to [ask about|change], [done kindly|they changed it themselves].
ALICE: {thanks}, both. [Anything that needs the studio|Do you need more hands]?
BOB>ALICE: [A second person for the night hours would help|No, it runs|A search that finds deleted posts, one day].
^ ☕

=== staff
MOD: {troll} has [asked three people for their login|posted the same “free crowns” link in two channels|been rude to a newcomer, for the third time].
BOB: [I saw it|Seen]. [Timeout first|A warning is on record|I would ban]: [third time in a week|they deleted it before I could keep it|nobody clicked].
MOD>BOB: [Agreed|Fine with me]. [Writing the note|I keep the screenshot].
?ALICE: [Trust you|Go ahead]. [Please answer the person who reported it, too|And thank Vera, she saw it first].

=== staff
ALICE: [Release plan|Timing]: {next} goes out <t:{later}:F> if the [night build|smoke test] stays green. [Slow mode in {#general} for two hours|Extra eyes on {#help} please].
DEV: [Green so far|One flaky test, not ours|Waiting for the store's review].
BOB: [I am there|Covered], Niamh takes [the late shift|the second half].
^ 👍 🚀

=== staff
BOT: {&build}
DEV: [Good|At last green|Who broke the goose test]?
?ALICE: [It was me|The goose broke itself|Let it rest until tomorrow].

=== staff
MOD: An appeal: [the one banned for “raid” two weeks ago|someone timed out yesterday] says [it was their little brother|the account was stolen|they did not know the rule].
BOB: [Account from 2018, talked normally before|Two days old, no other post|The other posts were fine]. [I would believe it|I would leave it|Lift it, with an eye on it].
ALICE: [Do that|Agreed]. [Write the reason down, please|And a kind sentence with it].
^ 👍

=== staff
DEV: [Who answers the press mail|A magazine asks for keys|Someone wants to stream the festival]?
ALICE: [I do|Send it to me|Yes, and give them the quiet build].
?BOB: Then I [announce it in {#general}|put it on the calendar].

=== general
TROLL: FREE LANTERN CROWNS!! claim before midnight 👉 http://free-crowns.example/{n:1000-9999} [@everyone|first 100 only|works 100%]
MOD-TROLL
MOD: Removed a scam link. [If you typed anything in there|Whoever opened it]: change the password, please.
!ban TROLL [scam link in general|advertising scam crowns, account {n:1-9} days old|phishing link]
A: [that was quick|thanks {MOD}|I blinked and it was gone]
^ 🛡️
?B: “lantern crowns” lol, [they don't even know the game|at least spell it right|{npc} would never]

=== general
TROLL: [this game is trash and so are you|imagine playing a knitting game lmao|get a life, all of you losers]
A: [okay? bye?|who hurt you|hot take from someone who can't find {place}]
TROLL>A: [shut up clown|u mad|cry about it, idiot]
MOD-TROLL
MOD: [That is enough|Not here]. [Rule one is short|We keep it kind]. {A}, [thanks for not feeding it further|let it go, please].
!ban TROLL [insults after a warning|harassing members in general]
A: {sorry}, [will do|I'm calm, I have {drink}]
^ ❤️

=== offtopic
TROLL: buy cheap [followers|boost|keys] at http://cheap-{n:100-999}.example dm me
MOD-TROLL
!ban TROLL advertising in off-topic
A: [what did I miss|something was here a second ago]?
MOD>A: [An advertisement|Nothing worth reading]. Carry on about {hobby}.
^ 👍

=== general
A: [am I the only one who thinks|honestly,] [{build} made {feature} worse|the winter is too long|the price is too high]?
B: [hard disagree|no?|you say this every patch]
A>B: [I'm allowed an opinion|because nobody listens|then don't read it]
B: [sure, but {n:3-9} times a day|whatever|you could just play something else]
C: [come on you two|deep breaths|the geese are watching]
MOD: [Easy|Hey], both of you have a point. [{A}, put it into {#ideas}, it will be read|Take five minutes, then come back with the details]. 
A>MOD: [okay, fair|fine]. {sorry} {@B}
B: [same, sorry|all good, long day|peace 🕊️]
^ 🕊️ ❤️

=== help
A: [someone|a person called “Snowfall Support”] [wrote to me privately|sent me a dm] and [asks for my login|wants my recovery code|says my save is “frozen”]. [is that you|real]?
MOD: No. We never write first and never ask for that. [Please report it to Discord|Block them], and send me the name?
A>MOD: [sent|done], [glad I asked|that was close]
MOD: {thanks}, [they are out|banned], you [did well|spared others trouble].
^ 🛡️ 🙏

=== offtopic
A: [sorry for the wall of text earlier|I deleted what I wrote above], [was tired|wrong channel|shouldn't post when angry]
B: [no worries|happens|didn't see it, all good]
A-
^ ❤️

=== general
A: [my address if anyone wants to send post is|my number is] ||[Lindenweg {n:2-80}, third bell|555 01{n:10-99}]||
MOD-A
MOD: {@A} I took that down for you: [it stays readable for everyone otherwise|please never post private things here]. Nothing bad happened. ❤️
A: [oh|you're right], {thanks}, [wasn't thinking|too much {drink}]
"""
