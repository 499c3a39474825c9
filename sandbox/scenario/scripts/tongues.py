"""More of what is said in the language channels."""

GERMAN = r"""
=== german
A: Was macht ihr [zuerst|immer], wenn ihr [einen neuen Tag beginnt|ins Dorf kommt]?
B: [Ofen an, Fenster auf|Briefkasten|Erst mal die Gans füttern, sonst ist sie beleidigt]
C: [Ich laufe zum See und angle|{npc} besuchen|Ich räume auf und merke um Mitternacht, dass ich nichts geschafft habe]
^ 😂

=== german
A: [Meine Tochter|Mein Opa|Meine Mitbewohnerin] hat [heute|gestern] zum ersten Mal gespielt und [gleich einen Hecht gefangen|{npc} adoptiert|nur Schneemänner gebaut]
B: [Wie schön|Herrlich], [so fängt es an|jetzt gibst du den Controller nie wieder zurück]
^ ❤️
?A: [Wir haben jetzt einen Plan an der Kühlschranktür|Der Controller ist schon weg]

=== german
A: [Rezept gesucht|Hunger]: was passt zu {weather}?
B: {food}, [mit viel Zwiebeln|und danach ein Nickerchen|bei uns Pflicht am {day}]
C: {food2}! [Geht immer|Von Oma, streng geheim|Aber ohne Rosinen, bitte]
A>C: [Rosinen gehören da rein|Endlich sagt es jemand]
^ 🍲 😂

=== german
A: [Ruckelt|Hängt] es bei euch [am Hafen|in der Bäckerei|seit {build}] auch?
B: [Nein|Ein bisschen], hier läuft es mit [{n:45-75} Bildern|allem auf mittel]. Welche Karte?
A>B: [Eine alte 1060|Radeon vom Deck|Irgendwas von Intel]
B: Schatten [auf mittel|runter], dann [geht es|ist Ruhe]. [Der Rest liegt am Schnee|Den Lüfter hörst du dann auch nicht mehr]
A: [Stimmt|Viel besser], {thanks}
^ 👍

=== german
A: Das Ende von Kapitel {n:3-7}… ||[sie hat die Laterne selbst gelöscht|der Bruder war die ganze Zeit auf der Fähre]||. [Ich brauche jemanden zum Reden|Wie soll ich jetzt schlafen]?
B: [Komm her|Willkommen im Klub]. [Hast du den Brief danach gelesen|Und dann das Lied]…
A: [Welcher Brief|Ja. Taschentücher alle|Ich fange noch mal an]
^ 😭 🫂

=== german
A: [Sprachfrage|Mal was anderes]: sagt man bei euch [Pfannkuchen|Krapfen|Viertel vor|Brötchen]?
B: [Eierkuchen|Berliner|Dreiviertel|Semmel|Schrippe|Weckle], [und ich diskutiere das nicht|wie anständige Leute]
C: [Oh nein, jetzt geht das los|Ich hole {food}|Bitte nicht wieder]
^ 🍿 😂
"""

JAPANESE = r"""
=== japanese
A: 毎朝、村で[最初に|いつも]何をしますか？
B: [ストーブをつけて窓を開ける|郵便受けを見る|ガチョウのご機嫌をうかがう]、[それだけで一日が終わります|それから釣りです]
C: {npc}に[あいさつ|お茶を届けに行きます|手を振ります]。[日課です|たまに無視されます]
^ ☀️

=== japanese
A: {place}で[カクつきます|音が消えます|落ちます]。{build}、[Steam Deck|RTX 3060|Windows 11]です
B: [影を中にする|オーバーレイを切る|一度再起動する]と[直りました|軽くなります]よ
A>B: [直りました|{n:45-75}fps出ました]！{thanks}
^ 👍

=== japanese
A: [今日の晩ごはん|お腹すいた]…{food}[作りました|食べたい|にしようかな]
B: [いいですね|飯テロ]、うちは{food2}です
?C: [両方ください|今から伺います]
^ 🍚 🤤

=== japanese
A: {feature}と{feature2}、[どっち派ですか|一つだけ選ぶなら]？
B: {feature}です、[音がいい|無心になれる|負けても楽しい]
C: {feature2}[一択|かなあ]。[雪の音が好きで|写真がはかどる]
?A: [見事に割れましたね|両方で]
^ 🤝

=== japanese
A: {creature}に[名前をつけました|初めて触れました|帽子を取られました]！[{n:3-40}日目です|感動]
B: [名前は|どんな名前]？
A>B: 「[だいふく|こむぎ|ゆきちゃん|ポン酢|あられ]」です
^ 😍 ❄️

=== japanese
A: サントラ、[湖の曲|パン屋の曲|エンディング]を[ずっとループしてます|仕事中に流してます]
B: {agree}。[やかんの音が入ってますよね|三拍子になるところが好き]
DMYTRO: ありがとう！ The kettle is real, it is in my kitchen. 🫖
^ 🎶 🫖
A: [本物だった|やかんさんありがとう]
"""

ARABIC = r"""
=== arabic
A: ما أول شيء تفعلونه [كل صباح|عند دخول القرية]؟
B: [أشعل الموقد|أطعم الإوزة قبل أن تغضب|أقرأ الرسائل]، [ثم أصطاد حتى الظهر|وبعدها أنسى كل شيء]
C: أزور {npc} [وأشرب الشاي|ولا أحد يرد السلام|كل يوم]
^ ☀️ 😂

=== arabic
A: اللعبة بطيئة عند {place} في {build}، هل من حل؟ [جهازي قديم قليلًا|على ستيم ديك]
B: خفّض [الظلال|كثافة الثلج]، [عندي صارت {n:45-70} إطارًا|الفرق كبير]
A: [تحسنت كثيرًا|ممتاز]، {thanks}
^ 👍

=== arabic
A: لعبت [أختي|أمي|ابني] اليوم لأول مرة و[اصطادت سمكة أكبر منها|بنى رجل ثلج فقط|لم تُعِد لي الجهاز]
B: [ما شاء الله|هكذا تبدأ القصة]، [جهّز نفسك للسباق|القرية تكبر]
^ ❤️ 😂

=== arabic
A: {%aurora} [الشفق فوق {place}|صورة الليلة]، [انتظرت {n:20-80} دقيقة|بدون أي إضافات]
B: {wow}، [خلفية لهاتفي|كيف ثبتّ الكاميرا]؟
^ 😍 🌌

=== arabic
A: أيهما تفضلون: {feature} أم {feature2}؟
B: {feature}، [بلا تردد|خاصة ليلًا]
C: {feature2}، [مع كوب قهوة|لأنها هادئة]
^ 🤔
"""

FRENCH = r"""
=== international
A: [Petit sondage|Question sérieuse] : {feature} ou {feature2} ?
B: {feature}, [sans hésiter|surtout l'hiver|et je ne changerai pas d'avis]
C: {feature2}, [avec un chocolat chaud|parce que j'aime perdre|à deux]
^ 🤔

=== international
A: Le chapitre {n:3-7}… ||[la cloche était au fond du lac|elle savait depuis le début]||. [Je m'en remets pas|J'ai dû poser la manette]
B: [Bienvenue au club|Et la lettre d'après…], [mouchoirs obligatoires|ne lis pas la suite ce soir]
^ 😭

=== international
A: {weather}, [qui veut|je prépare] {food} ?
B: [J'arrive|Garde-m'en une part|Trop loin, hélas], [ici on a eu la même chose hier|avec du pain]
^ 🤤

=== international
A: [Le jeu rame|Ça saccade] près de [la boulangerie|l'observatoire] depuis {build}, [une idée|vous aussi] ?
B: [Baisse les ombres|Coupe la superposition|Mets la neige sur moyen], [c'est réglé|ça passe à {n:45-70} images]
A: [Nickel|Parfait], {thanks}
^ 👍
"""

SPANISH = r"""
=== international
A: [Pregunta seria|Encuesta]: ¿{feature} o {feature2}?
B: {feature}, [sin dudar|de noche y con mate|aunque siempre pierdo]
C: {feature2}, [porque soy de paz|con mi hermana|toda la vida]
^ 🤔

=== international
A: Mi [sobrina|abuelo|compañero de piso] probó el juego y [ya pescó más que yo|se hizo amigo de {npc}|solo construye muñecos de nieve]
B: [Qué lindo|Así empieza todo], [despídete del mando|un habitante más]
^ ❤️ 😂

=== international
A: El capítulo {n:3-7} me dejó [sin palabras|hecho polvo]: ||[la campana nunca estuvo en la torre|era ella quien encendía los faroles]||
B: [Y espera a la carta|Yo lloré en el autobús], [no digo más|ánimo]
^ 😭 💌

=== international
A: [Hoy toca|Acabo de hacer] {food}, [con este frío no hay otra|receta de mi madre]
B: [Invita|Qué hambre], aquí {food2}
^ 🤤
"""

UKRAINIAN = r"""
=== international
A: [Опитування|Серйозне питання]: {feature} чи {feature2}?
B: {feature}, [без вагань|особливо вночі|хоча я завжди програю]
C: {feature2}, [бо тихо|з чаєм|назавжди]
^ 🤔

=== international
A: Розділ {n:3-7}… ||[дзвін увесь час був на дні озера|це вона запалювала ліхтарі]||. [Я не готова|Пішов ставити чайник]
B: [Вітаю в клубі|А лист потім], [хустинки обов'язкові|я перечитував тричі]
^ 😭

=== international
A: Сьогодні [готую|буде] {food}, [бо {weather}|за бабусиним рецептом]
B: [Смачного|Запах аж сюди], [у нас {food2}|їду]
^ 🤤

=== international
A: У {build} [трохи гальмує|зникає звук] біля [гавані|пекарні], [у вас теж|що вимкнути]?
B: [Зменш тіні|Постав сніг на середній], [у мене стало {n:45-70} кадрів|допомогло]
A: [Працює|Зовсім інша справа], {thanks}
^ 👍
"""

PORTUGUESE = r"""
=== international
A: [Pesca noturna|Corrida de trenó|Estufa] ou [modo foto|festival das lanternas|tricô]?
B: [A primeira|O segundo, com café], [sem pensar|e não discuto]
^ 🤔

=== international
A: [Meu irmão|Minha avó] jogou hoje e [pegou um peixe maior que o meu|ficou amiga do ganso|não devolve o controle]
B: [É assim que começa|Que fofo], [perdeu o controle pra sempre|mais uma na vila]
^ ❤️ 😂
"""

POLISH = r"""
=== international
A: [Rozdział {n:3-7} mnie złamał|Właśnie skończyłam rozdział {n:3-7}]… ||[dzwon był w jeziorze|to ona zapalała latarnie]||
B: [Witaj w klubie|A potem ten list], [chusteczki obowiązkowe|ja płakałam w tramwaju]
^ 😭

=== international
A: {%sunset} [Wczoraj nad jeziorem|Moja wioska po {n:40-200} godzinach]
B: [Przepięknie|Ale światło|Idzie na tapetę]!
^ 😍
"""

KOREAN = r"""
=== international
A: [밤낚시|썰매 경주|온실]랑 [사진 모드|등불 축제] 중에 뭐가 더 좋으세요?
B: [당연히 앞에 거요|둘 다요|사진이요], [조용해서 좋아요|매번 져도 재밌어요]
^ 🤔

=== international
A: [동생이|엄마가] 오늘 처음 해봤는데 [저보다 잘해요|거위랑 친구가 됐어요|컨트롤러를 안 돌려줘요]
B: [귀엽다|그렇게 시작되는 거죠] ㅋㅋ
^ ❤️ 😂
"""
