"""The world the community talks about: the studio's game *Lanternfall*, its village, and small daily things.

Word lists for slots, by language; an entry may itself contain choices. A language falls back on English lists.
"""

from __future__ import annotations

from sandbox.scenario.grammar import Expression, parse_expression

_ENGLISH = {
    "place": "the Old Mill|the frozen lake|Lantern Bridge|the observatory|the harbour|the Owl Tower|Pinewick market|the deep cellar|the greenhouse|"
    "the glass quarry|the ferry landing|Henrik's smithy|the north pass|the birch maze|the bath house|the chapel hill|the sled hangar|the quiet cove",
    "npc": "Marta the baker|old Henrik|Inka|Tove the ferrywoman|Brother Aske|postmaster Lumi|Captain Roe|little Sunniva|the night watchman|Doctor Pell|"
    "Grandma Ulla|Jorun from the stables|the clockmaker",
    "item": "ember lantern|snow globe|ice rod|moss sweater|brass compass|owl whistle|tin kettle|star chart|fur-lined boots|copper skates|wax seal|lake pearl|"
    "reindeer bell|paper kite|cracked mirror|spruce fiddle",
    "creature": "frost fox|snow moth|lake pike|wool yak|lantern eel|grumpy goose|ice crab|barn owl|pocket hare|hill troll|night heron|tame badger",
    "fish": "pike|lantern eel|silver char|glass perch|moon carp|burbot|king salmon|old boot",
    "craft": "lantern|sled runner|quilt|birch bow|candle|ski wax|tea blend|fiddle string|beehive|snow fort wall",
    "feature": "photo mode|co-op|sled racing|the greenhouse|night fishing|knitting|the lantern festival|aurora nights|letter writing|the ferry|house decorating|"
    "the mod loader|cloud saves|the weather dial|pets",
    "bug": "[falls|sinks|drops] through the floor|walks [backwards|sideways] for the whole night|keeps repeating one line|gets stuck in the doorway|T-poses [on the roof|in the bakery]|"
    "is invisible until you reload|sells things for −3 crowns|sleeps standing up|floats two metres above the snow|vanishes when it [rains|snows]|has [someone else's|a second] face",
    "os": "Windows 11|Steam Deck|Linux, Fedora 44|macOS on an M3|Windows 10, yes I know|Arch btw|a laptop from 2019|Bazzite",
    "gpu": "RTX 3060|RX 6700 XT|GTX 1650|Intel Iris something|RTX 4070|Radeon 780M|an Arc A750",
    "food": "lentil soup|ramen|pierogi|a cheese toastie|dal and rice|pancakes|cold pizza|mushroom risotto|tacos|borscht|a suspicious sandwich|cinnamon buns|shakshuka|"
    "jollof|kimchi stew|fish pie|potato salad|instant noodles with an egg",
    "drink": "pine tea|coffee|hot chocolate|mate|oat latte|ginger tea|cold brew|blackcurrant squash|cardamom coffee",
    "hobby": "knitting|bouldering|watercolours|film cameras|sourdough|birding|model trains|synths|pottery|chess|cross-country skiing|linocut|gardening|mechanical keyboards|amateur radio",
    "pet": "cat|dog|rabbit|budgie|old greyhound|hamster|tortoise|one-eyed cat|puppy|parrot",
    "weather": "[snowing|raining] sideways|thirty degrees|fog so thick I lost the bin|−14 and sunny|a heat wave|a proper storm|drizzle, day nine|the first snow of the year",
    "chore": "taxes|the dishes|a tax form from 2023|my thesis|a sprint review|laundry mountain|an essay on moss|job applications|tidying the shed|the washing machine",
    "genre": "roguelike|farming sim|deckbuilder|visual novel|city builder|metroidvania|walking sim|cosy horror|rhythm game|point-and-click",
    "music": "doom metal|city pop|hurdy-gurdy|lo-fi|baroque lute|jungle|sea shanties|shoegaze|accordion covers|ambient drone|nineties eurodance",
    "day": "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday",
    "while": "ten minutes|an hour|two evenings|a whole weekend|three days|way too long|half the night",
    "thanks": "thank you|thanks a lot|ty|tysm|cheers|you are a legend|thanks, that helped|bless you|much appreciated|thx",
    "agree": "same|yep|this|agreed|absolutely|yes please|one hundred percent|hard agree|for real|true|exactly that|I feel this",
    "laugh": "haha|lol|I can't|I am crying|that got me|stop it|incredible|amazing|I spat out my tea|perfect|send help",
    "wow": "wow|oh wow|whoa|what|okay that is gorgeous|look at that|hang on|excuse me|that light though|stunning|I am speechless|beautiful",
    "hello": "hey|hi|hello|hiya|good morning|good evening|evening all|morning, village|heya|o/|hey folks",
    "bye": "good night|gn all|off to bed|see you tomorrow|night, village|bye for now|I should sleep|logging off|later!",
    "sorry": "sorry|my bad|oops, sorry|apologies|ah, my mistake|sorry about that",
    "hmm": "hm|hmm|odd|strange|that's new|weird|huh|interesting|let me think",
    "hope": "fingers crossed|hope that helps|shout if it doesn't|let me know|good luck|ping me if not",
    "person": "my sister|my flatmate|my partner|my dad|a colleague|my nephew|my neighbour|my therapist|my landlord|my grandma",
    "person_kind": "brother|mother|flatmate|partner|daughter|boss|physics teacher|mail carrier|aunt|son",
    "troll": "frostgiftz|crown_dealer_88|SnowSupport24|xx_deals_xx|lantern.free|mr_claim",
    "spot": "[left|right] of the stove|behind the third barrel|under the stairs|on the top shelf|next to the well|behind the waterfall|in the hollow birch|under the blue rug|in the bell rope's knot",
    "setting": "V-sync|the frame cap|dynamic resolution|the overlay|controller layout|ray-traced snow|shadow quality|cloud sync|the language pack|the snow density slider",
    "achievement": "Cold Feet|Night Owl|Baker's Dozen|No Lantern Left|Iron Mitten|Slow Sled|Pen Pal|Friend of Geese|Thin Ice|First Light",
}

_GERMAN = {
    "place": "die alte Mühle|der zugefrorene See|die Laternenbrücke|das Observatorium|der Hafen|der Eulenturm|der Markt in Pinewick|das Gewächshaus|die Fähre|das Birkenlabyrinth",
    "npc": "Bäckerin Marta|Schmied Henrik|Inka|Fährfrau Tove|Bruder Aske|Postmeisterin Lumi|Kapitän Roe|Oma Ulla|Nachtwächter Jost",
    "item": "Glutlaterne|Schneekugel|Eisrute|Moospullover|Kompass|Eulenpfeife|Sternkarte|Schlittschuhe|Teekessel",
    "creature": "Frostfuchs|Schneemotte|Hecht|Wollyak|Laternenaal|schlecht gelaunte Gans|Eiskrabbe|Schleiereule",
    "food": "Käsespätzle|Linsensuppe|Kartoffelpuffer|Grünkohl|Brot mit Butter|Rösti|Kaiserschmarrn|Nudeln mit Tomate|Zwiebelkuchen|Labskaus",
    "weather": "Nieselregen seit Tagen|minus zwölf und Sonne|Nebel|der erste Schnee|Sturm|Tauwetter|Glatteis",
    "thanks": "danke dir|vielen Dank|danke, das war's|super, danke|ich danke|merci|dankeschön",
    "agree": "genau|stimmt|sehe ich auch so|jo|unterschreibe ich|auf jeden Fall|same|aber sowas von",
    "laugh": "haha|ich kann nicht mehr|großartig|köstlich|made my day|hör auf|ich lieg am Boden",
    "hello": "Moin|Guten Morgen|Servus|Hallo zusammen|Grüezi|Guten Abend|Huhu|Tach",
    "bye": "gute Nacht|bis morgen|ich bin raus|schlaft gut|tschüss zusammen|ab ins Bett",
    "day": "Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag",
    "feature": "das Nachtangeln|der Fotomodus|das Schlittenrennen|der Koop-Modus|das Laternenfest|das Gewächshaus|das Stricken",
}
_FRENCH = {
    "place": "le vieux moulin|le lac gelé|le pont aux lanternes|l'observatoire|le port|la tour aux hiboux|le marché de Pinewick|la serre|le bac",
    "npc": "Marta la boulangère|le vieux Henrik|Inka|Tove|frère Aske|Lumi la postière|mamie Ulla",
    "creature": "le renard des glaces|le brochet|le yack laineux|l'oie mal lunée|la chouette|le crabe des glaces",
    "food": "une raclette|une soupe à l'oignon|des crêpes|un gratin|des coquillettes au beurre|une quiche|un cassoulet",
    "thanks": "merci|merci beaucoup|mille mercis|merci, ça marche|trop gentil|t'es un amour",
    "agree": "carrément|pareil|grave|tout à fait|exactement|je plussoie|c'est vrai",
    "laugh": "mdr|j'en peux plus|énorme|je suis mort|excellent|oh non",
    "hello": "salut|bonjour|coucou|bonsoir|hello tout le monde|salut la compagnie",
    "bye": "bonne nuit|à demain|je file|à plus|bonne soirée tout le monde",
    "weather": "il pleut depuis lundi|il fait −6|un brouillard à couper au couteau|il neige enfin|grand soleil",
    "feature": "la pêche de nuit|le mode photo|les courses de luge|le coop|la fête des lanternes|la serre",
}
_SPANISH = {
    "place": "el molino viejo|el lago helado|el puente de los faroles|el observatorio|el puerto|la torre de los búhos|el mercado de Pinewick|el invernadero",
    "npc": "Marta la panadera|el viejo Henrik|Inka|Tove|el hermano Aske|Lumi la cartera|la abuela Ulla",
    "creature": "zorro de escarcha|lucio|yak lanudo|ganso gruñón|búho|cangrejo de hielo",
    "food": "unas lentejas|tortilla|arepas|unos tacos|un cocido|empanadas|pozole|pan con tomate",
    "thanks": "gracias|mil gracias|muchas gracias|ay, gracias|genial, gracias|te debo una",
    "agree": "tal cual|totalmente|igual|exacto|eso mismo|sí, por favor|ya te digo",
    "laugh": "jajaja|me muero|no puedo|buenísimo|qué risa|madre mía",
    "hello": "hola|buenas|buenos días|buenas noches|qué tal|holaaa|muy buenas",
    "bye": "buenas noches|hasta mañana|me voy a dormir|nos vemos|chao",
    "weather": "llueve a mares|hace un frío que pela|sol y viento|treinta grados|niebla cerrada",
    "feature": "la pesca nocturna|el modo foto|las carreras de trineo|el cooperativo|la fiesta de los faroles|el invernadero",
}
_JAPANESE = {
    "place": "古い水車小屋|凍った湖|ランタン橋|天文台|港|ふくろう塔|パインウィックの市場|温室|渡し船の桟橋|白樺の迷路",
    "npc": "パン屋のマルタさん|ヘンリクじいさん|インカ|トーヴェ|アスケ修道士|郵便局のルミ|双子|ウッラおばあちゃん",
    "item": "残り火のランタン|スノードーム|氷の釣り竿|苔のセーター|真鍮のコンパス|ふくろう笛|星図",
    "creature": "霜ギツネ|雪蛾|カワカマス|毛長ヤク|不機嫌なガチョウ|氷ガニ|メンフクロウ",
    "food": "おでん|鍋|カレーうどん|焼き芋|お雑煮|グラタン|おにぎり|味噌ラーメン|肉じゃが",
    "weather": "雪|大雨|マイナス5度|いい天気|霧|台風|強風",
    "thanks": "ありがとうございます|ありがとう！|助かりました|感謝です|どうもです|ありがとうございます、できました",
    "agree": "わかります|同感です|それな|たしかに|ですよね|ほんとそれ",
    "laugh": "笑った|ww|草|かわいすぎる|最高です|お腹いたい",
    "hello": "こんばんは|おはようございます|こんにちは|はじめまして|お疲れさまです|おつです",
    "bye": "おやすみなさい|また明日|寝ます|落ちます|おつかれさまでした",
    "feature": "夜釣り|フォトモード|そりレース|協力プレイ|ランタン祭り|温室|編み物",
    "wow": "きれい|すごい|わあ|えっ、これスクショですか|美しい|壁紙にしたい",
}
_ARABIC = {
    "place": "الطاحونة القديمة|البحيرة المتجمدة|جسر الفوانيس|المرصد|الميناء|برج البوم|سوق باينويك|البيت الزجاجي",
    "npc": "مارتا الخبازة|العجوز هنريك|إنكا|توفي|الأخ أسكه|لومي|الجدة أولا",
    "creature": "ثعلب الصقيع|سمكة الكراكي|ثور الياك|الإوزة الغاضبة|بومة الحظيرة|سلطعون الجليد",
    "food": "شوربة عدس|كشري|مقلوبة|منسف|فلافل|كبسة|طاجين|خبز وزعتر",
    "weather": "مطر غزير|برد شديد|شمس دافئة|ضباب|رياح قوية|أول ثلج",
    "thanks": "شكرًا|شكرًا جزيلًا|يعطيك العافية|مشكور|تسلم|جزاك الله خيرًا",
    "agree": "صحيح|أتفق معك|بالضبط|نعم والله|وأنا أيضًا|كلامك سليم",
    "laugh": "هههه|أضحكتني|لا أصدق|رائع|يا إلهي",
    "hello": "مساء الخير|صباح الخير|السلام عليكم|أهلًا|مرحبًا بالجميع|يا هلا",
    "bye": "تصبحون على خير|إلى الغد|مع السلامة|أراكم لاحقًا",
    "feature": "الصيد الليلي|وضع التصوير|سباق الزلاجات|اللعب التعاوني|مهرجان الفوانيس|البيت الزجاجي",
    "wow": "ما شاء الله|يا للجمال|رائعة|مذهلة|جميلة جدًا",
}
_UKRAINIAN = {
    "place": "старий млин|замерзле озеро|ліхтарний міст|обсерваторія|гавань|совина вежа|ринок у Пайнвіку|оранжерея",
    "npc": "пекарка Марта|старий Генрік|Інка|Туве|брат Аске|листоноша Лумі|бабуся Улла",
    "creature": "крижаний лис|щука|кудлатий як|сердита гуска|сова|крижаний краб",
    "food": "борщ|вареники|деруни|банош|гречка з грибами|сирники|голубці",
    "weather": "сніг з самого ранку|мінус десять|дощ|туман|відлига|сонце і мороз",
    "thanks": "дякую|щиро дякую|дякую, допомогло|велике дякую|ти врятував мій вечір",
    "agree": "згоден|так і є|точно|плюс один|саме так|підтримую",
    "laugh": "ахаха|я не можу|це шедевр|плачу|геніально",
    "hello": "привіт|вітаю всіх|добрий вечір|доброго ранку|добридень",
    "bye": "на добраніч|до завтра|я спати|бувайте",
    "feature": "нічна риболовля|фоторежим|перегони на санях|кооператив|свято ліхтарів|оранжерея",
}

_BY_LANGUAGE = {
    "en": _ENGLISH,
    "de": _GERMAN,
    "fr": _FRENCH,
    "es": _SPANISH,
    "ja": _JAPANESE,
    "ar": _ARABIC,
    "uk": _UKRAINIAN,
}


def words_of(language: str, name: str) -> tuple[Expression, ...] | None:
    """The list a slot draws from, or None if there is no list of that name."""
    lists = _PARSED.get(language, {})
    return lists.get(name) or _PARSED["en"].get(name)


def _split(words: str) -> tuple[Expression, ...]:
    """Splits at the bars outside brackets."""
    choice = parse_expression(f"[{words}]")[0]
    if isinstance(choice, str) or not hasattr(choice, "options"):
        raise ValueError(f"not a list: {words}")
    return choice.options


_PARSED = {language: {name: _split(words) for name, words in lists.items()} for language, lists in _BY_LANGUAGE.items()}
