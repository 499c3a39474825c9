"""What is said in #deutsch."""

SCRIPT = r"""
=== german
A: {hello}! [Wer ist heute Abend dabei|Spielt hier noch jemand|Jemand Lust auf eine Runde Schlitten]?
B: [Ich, ab acht|Bin dabei|Wenn die Kinder schlafen], [muss nur noch kochen|vorher noch kurz zum Sport|hab {food} auf dem Herd]
C: [Ich schau zu|Heute nicht, {weather} und ich bin platt|Gern, aber nur eine Runde]
?A>C: [Das sagst du immer|Eine Runde, genau wie gestern bis zwei]
^ 😂 🛷

=== german
A: Weiß jemand, [wofür „{item}“ gut ist|wann {npc} zu Hause ist|was „{creature}“ gern frisst]? [Ich suche seit Tagen|Ich stehe auf dem Schlauch]
B: [Du musst nachts zum See|Erst der Auftrag mit der Glocke|Am {day} im Hafen], [dann links an der Mühle vorbei|und unbedingt die Laterne auslassen|mit etwas Geduld]
A>B: [Ach so|Da war ich schon|Echt jetzt]? [Probiere ich gleich|Das steht nirgends]
A: [Hat geklappt|Gefunden]! {thanks}
^ 🙌

=== german
A: Die deutsche Übersetzung ist in {build} [richtig gut geworden|noch mal besser], nur „[Glutlaterne|Schneewehe|Fährgeld]“ [klingt komisch|passt nicht auf den Knopf]
WIEBKE: [Danke für den Hinweis|Ja, die Knopfbreite ist ein Kampf|Das war eine lange Diskussion], [Vorschläge gern hier|ich nehme es mit].
B: Wie wäre es mit „[Aschelicht|Wehe|Überfahrt]“?
^ 👍
WIEBKE>B: [Schön|Kürzer und besser], [das schlage ich vor|kommt auf die Liste].

=== german
A: [Heute|Bei uns] {weather}. [Perfekter Tag für|Also:] Sofa, [Tee|Kakao] und Lanternfall
B: {agree}. Hier [gibt es dazu|steht] {food}
C: [Neid|Ich sitze im Zug bei Fulda und der steht|Ich muss noch bis sechs arbeiten]
?A>C: [Halte durch|Im Zug spielt es sich am besten|Die Bahn hat ihr eigenes Winterkapitel]
^ 🥲 ☕

=== german
A: {%village} Mein Dorf nach [{n:60-400} Stunden|zwei Wintern|dem Update]. [Jede Laterne selbst gesetzt|Der Zaun hat mich Nerven gekostet]
B: [Wahnsinn|Wunderschön|Da will ich wohnen]! [Wie hast du das Dach so hinbekommen|Sind das Glasziegel]?
A>B: [Mit viel Gefluche|Ja, vom Steinbruch|Schneedichte ganz runter, dann bauen]
^ 😍 🏡

=== german
A: {laugh}, {npc} [steht bei mir auf dem Dach|verkauft mir meinen eigenen Ofen|läuft rückwärts zur Kirche]
B: Welche Version? [Bei mir schwebt seit gestern die Gans|Das hatte ich in {prev} auch]
A>B: {build}, [Linux|Steam Deck|Windows]. [Bitte nicht reparieren|Ich habe einen Fehlerbericht geschrieben]
^ 😂 🐛

=== german
A: [Kleine Umfrage|Mal ehrlich]: {feature} oder {feature2}?
B: {feature}, [keine Frage|aber nur nachts|weil es so ruhig ist]
C: {feature2}. [Ich kann nicht angeln|Alles andere ist Arbeit|Da geht mir das Herz auf]
?A: [Ich sehe, wir brauchen ein Duell|Unentschieden, wie immer]

=== german
NEW: {hello}, ich bin neu hier 🙂 [Komme aus Graz|Aus dem Ruhrgebiet|Wohne in Bern|Aus Flensburg] und [habe gestern angefangen|spiele seit der Demo|meine Schwester hat mich angesteckt]
A: Willkommen! [Fass die Gans nicht an|Nimm dir Zeit für den ersten Winter|Setz dich ans Feuer]
B: [Moin und|Servus,] willkommen! Fragen immer gern hier oder in {#help}
NEW: {thanks}! [Welche Gans|Zu spät|Ist notiert]
^ 👋 🦆

=== german
A: [Gestern beim|Beim] Brettspielabend [hat jemand Lanternfall als Rollenspiel geleitet|haben wir nur über {npc} geredet]
B: [Oh, gibt es Notizen|Das will ich auch]! [Welches System|Wie viele Leute]?
A>B: [Selbst gebastelt, zwei Würfel und eine Kerze|Fünf, und am Ende haben alle geweint|Ich lade es am {day} hoch]
^ 🎲 ❤️

=== german
A: Hat jemand [Lust auf einen Koop-Hof|Zeit zum Testen des Fährenfehlers|einen Tipp gegen das Ruckeln]? [Abends ab halb neun|Am {day}|Egal wann]
B: [Ich|Gern], schick mir den [Dorfcode|Briefcode]
A>B: [Kommt per Nachricht|Schon unterwegs]. [Bring Tee mit|Und keine Gänse]
# Koop am {day}
B: [Bin da|Ich warte am Anleger]. [Wo bist du|Ich sehe nur Schnee]?
A: [Hinter dir|Auf dem falschen Berg|In der Bäckerei, natürlich]
B: {laugh}

=== german
A: {bye}. [Morgen wieder um sieben raus|Das Polarlicht hat mich geschafft|Noch ein Tag wurde zu {n:3-9} Tagen]
B: [Schlaf gut|Nacht]! 🌙

=== german
A: Die Musik [am See|in der Bäckerei|beim Fest] ist [von wem|eigentlich echt eingespielt]?
DEV: [Von Dmytro|Ja], mit [einer alten Zither|drei Freunden in einer Küche|einem sehr verstimmten Klavier].
A>DEV: [Man hört die Küche|Großartig|Gibt es das irgendwann auf Platte]?
^ 🎶 ❤️
"""
