"""What is said in #general in the hours after a release, and after the raid."""

SCRIPT = r"""
=== release
A: {build} IS [OUT|HERE|LIVE]
B: [downloading|already on it|leaving work early], [{n:200-900} MB|{n:2-9} minutes left|my internet has chosen violence]
C: [patch notes are a novel|reading the notes like a bedtime story|“various geese” is a line in the notes]
^ 🎉 ❄️ 🔥
?D: [does the old save work|do mods still load|is it on the Deck too]?
DEV>D: [Yes|It does], [and we keep a copy of the old save beside it|but switch mods off for the first start].
A: [you people are amazing|thank you Snowflake Studios|see you on the other side]

=== release
A: [first impressions|okay so] of {build}: [the new light is unreal|loading is twice as fast|{feature} feels so much better], [one|a] [tiny|small] [gripe|complaint] about {setting}
B: {agree} on [the light|loading|all of it]. [what's wrong with|what about] {setting}?
A>B: it [resets|flips back] after [every restart|alt-tab|sleeping]
DEV: [Good catch|Seen], fixed for {next}. [Until then|For now]: set it, then leave through the menu and not with Alt+F4.
A: {thanks}!
^ 👍

=== release
A: [who else|anyone] [stayed up|took the day off|skipped lunch] for {build}?
B: 🙋
C: [I have a meeting in {n:4-40} minutes and I'm at {place}|my boss is in this server, so: no|define “stayed up”]
^ 😂 🙋
D: [worth it|ten out of ten|so far: {feature}, crying, {feature2}]
?BOB: [Drink water|Sleep is free], everyone. The village is still there tomorrow.

=== release
A: did anyone find the [secret|new thing] at {place} [in {build}|yet]?
B: there's a secret??
A>B: the notes say “[something hums|somebody moved in|mind the third step] at {place}”
C: I've been [standing|digging|knocking] there for {while}
C: [wait|WAIT|hang on]
C: {%night} [it opened|it's a door|there's a staircase]
^ 🤯 👀 🔥
B>C: [HOW|what did you do|tell us]
C: [played|hold] the {item} [at midnight|facing the lake|while it snows], [then just walk|then don't breathe]

=== release
A: after the update my [game|map|journal] [is in Finnish|shows chapter {n:1-3} again|has no sound], [anyone|is it just me]?
B: [same, fixed it|had that]: [verify files|delete `settings.cfg`|switch the language once and back]
A>B: [that did it|worked], {thanks}
?DEV: [Sorry about that|Known], {next} does it by itself.

=== raid
A: [what just happened|what was that|I looked away for two minutes]
B: [a raid|bots|about forty accounts], all with the same link. [Bob|the mods] [cleared it|were faster than my scrolling]
BOB: All out: forty accounts banned, their posts removed. Do **not** open that link, and if you did: change your password, log out everywhere, tell one of us.
^ 🙏 🛡️ ❤️
C: {thanks} {@BOB}, [that was five minutes at most|impressive|you deserve a {drink}]
D: I [clicked|almost clicked] it, [closed it at once|it wanted my login], am I [safe|fine]?
MOD>D: If you typed nothing in, you are fine. If you did: new password now, two-factor on.
D: [typed nothing|phew|doing it anyway]. {thanks}

=== raid
A: [every few months|why do they always] [it's the same thing|come for the small servers]
B: [because it works once in a thousand|boredom|someone sells lists of servers]
MOD: New accounts will have to [wait ten minutes before writing|say who they are] for the next days. [Sorry to the honest newcomers|It will be lifted soon].
^ 👍
?NEW: that's [fine|okay], I [just read along|needed a {drink} anyway]

=== raidstaff
MOD: [Counting|I count] forty joins between the first and the last post, all accounts [younger than a week|a day or two old], same avatar style.
BOB: Banned all of them, reason “raid: scam links”, messages of the last hour deleted with the ban. Took the link down in four channels.
ALICE: Well done, both. Did anything slip through?
BOB>ALICE: One post in {#offtopic} stayed for two minutes. Two people asked about it, neither typed anything in.
MOD: I wrote down the times for the report. [Next time|For the future] I want a button for that.
ALICE: [So do I|You will get one].
^ 💪 ❤️
"""
