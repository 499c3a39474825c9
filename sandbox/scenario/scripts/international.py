"""What is said in #international: one script a language."""

FRENCH = r"""
=== international
A: {hello} ! [Qui joue ce soir|Ça va par ici|Des nouvelles du village] ?
B: [Moi, après manger|Présent|Toujours], [j'ai {food} au four|{weather}, donc canapé|je finis un truc et j'arrive]
?C: [Pas ce soir, boulot|Je regarde seulement|Gardez-moi une luge]
^ 🛷 👋

=== international
A: Quelqu'un sait comment [ouvrir {place}|parler à {npc}|attraper {creature}] ? [Je tourne en rond|Ça fait deux soirées que je cherche]
B: [Il faut la lanterne|Reviens la nuit|Attends le brouillard], [puis à gauche du puits|sans courir|et surtout pas de bruit]
A: [Trouvé|Ça y est] ! {thanks}
^ 🙌

=== international
A: {%sunset} [Le lac ce soir|Coucher de soleil|Petite capture], [sans filtre|avec le mode photo|version {build}]
B: [Magnifique|Oh là là|C'est quoi ces couleurs] ! [Fond d'écran direct|Tu as changé quel réglage] ?
A>B: [La densité de neige|Rien du tout|Le brouillard à quarante]
^ 😍

=== international
A: [La traduction française|Le journal] [est superbe|a une petite faute] : « [la lanterne à braise|elle c'est perdue|Pike le brochet] » [m'a fait rire|à corriger]
SORAYA: [Merci|Bien vu], [c'est noté|corrigé dans {next}|Pike restera Pike] !
^ 👍 😂

=== international
A: {feature}, {agree} ou [bof|pas du tout] ? [Je débute|J'hésite à m'y mettre]
B: [Génial mais|Très bien, surtout] [la nuit|à deux|avec un thé], et {npc} [raconte des choses qu'on n'entend nulle part|finit par sourire]
?C: [Moi je préfère la boulangerie|Surtout pas, {creature} me fait peur]
^ ❤️

=== international
A: {bye}, [encore un jour de jeu et il fait jour|demain réveil à six heures]
B: [Dors bien|À demain] 🌙
"""

SPANISH = r"""
=== international
A: ¡{hello}! [¿Quién juega hoy|¿Cómo va el invierno por ahí|¿Alguien para una carrera]?
B: [Yo, en un rato|Aquí estoy|Cuando acueste a los niños], [hay {food} en la mesa|{weather} y no pienso salir|me falta terminar una cosa]
?C: [Hoy no puedo|Yo miro y aplaudo|Guárdenme sitio]
^ 🛷 🙌

=== international
A: ¿Alguien sabe [cómo se entra en {place}|dónde duerme {npc}|cómo calmar al {creature}]? [Llevo dos horas|Me rindo]
B: [Necesitas el farol|Ve de noche|Espera a que nieve], [luego a la izquierda del pozo|y camina despacio|y toca el silbato]
A>B: [No me lo creo|Voy]…
A: ¡[Funcionó|Ya está]! {thanks}
^ 🔑

=== international
A: {%village} Mi pueblo [después de {n:50-300} horas|con todo encendido|versión {build}]
B: [Qué bonito|Precioso|Me mudo]! ¿[Cómo hiciste el muelle|De dónde son esas ventanas]?
A>B: [Con mucha paciencia|De {npc}, los martes|Piedra por piedra]
^ 😍

=== international
A: {laugh}, {npc} [está en el tejado otra vez|me vendió mi propio horno|camina hacia atrás]
B: [A mí me pasó en {prev}|Que no lo arreglen], [pon el reporte en {#bugs}|ya tiene nombre y todo]
^ 😂

=== international
A: [Opinión impopular|Lo digo]: {feature} es [lo mejor|lo más relajante] del juego
B: {agree}, [aunque {feature2} le gana|sobre todo con lluvia de verdad afuera]
?C: [Yo vine por el ganso|Nadie habla de la panadería]
^ 🦆

=== international
A: {bye}, [mañana madrugo|un día más, dije, hace {n:3-8} días]
B: [Descansa|Que duermas bien] 🌙
"""

UKRAINIAN = r"""
=== international
A: {hello}! [Хто сьогодні грає|Як ви там|Є хтось із наших]?
B: [Я за годинку|Тут|Завжди тут], [у нас {weather}|на вечерю {food}|щойно з роботи]
?C: [Світла немає, але ноутбук заряджений|Я сьогодні тільки читаю|Займіть мені санчата]
^ 💛 💙 🛷

=== international
A: Підкажіть, [{place} — де там вхід|чому {npc} зі мною не говорить|що їсть {creature}]? [Уже другий вечір блукаю|Здаюся]
B: [Спершу потрібен ліхтар|Приходь уночі|Дочекайся туману], [потім ліворуч від криниці|і не біжи|і тихенько посвисти]
A: [Вийшло|Знайшлося]! {thanks}
^ 🙌

=== international
A: {%aurora} [Сяйво над озером|Знято щойно|Мій вечір у селі], {build}
B: [Краса|Яка ж краса|Нереально]! [Ставлю на робочий стіл|Які налаштування]?
A>B: [Туман на сорок|Просто пощастило|Сніг трохи менший]
^ 😍

=== international
A: Переклад у {build} [чудовий|став ще кращим], [лише «{feature}» не влазить у кнопку|Гуска говорить як моя бабуся]
DMYTRO: [Дякую, передам|Бабуся надихала], [виправимо в {next}|пишіть усе, що помітите].
^ ❤️ 😂

=== international
A: {laugh}, {npc} [стоїть на даху|продає мені мою ж піч|іде спиною вперед]
B: [У мене таке було в {prev}|Не виправляйте, благаю], [напиши в {#bugs}|це вже традиція]
^ 😂

=== international
A: {bye}, [ще один день у грі — і світає|завтра рано вставати]
B: [Солодких снів|До завтра] 🌙
"""

PORTUGUESE = r"""
=== international
A: [Oi|Bom dia|Boa noite|E aí] gente! [Alguém jogando|Quem tá no lago agora|Como tá o frio aí]?
B: [Eu|Tô aqui|Daqui a pouco], [tá um calor de trinta graus e eu pescando no gelo|fazendo pão de queijo|saindo do trabalho]
?C: [Que inveja|Guarda um trenó pra mim]
^ 🛷 😂

=== international
A: [Travei no|Não passo do] capítulo {n:2-7}, [a porta não abre|a Marta não fala comigo|o ganso roubou minha lanterna]
B: [Volta de noite|Dorme uma vez e tenta de novo|Leva um pão pra ela]
A: [Deu certo|Consegui]! [valeu|obrigado demais|brigada!]
^ 🙌

=== international
A: {%lake} [O lago hoje cedo|Minha vila com {n:30-200} horas], [sem mod nenhum|no Steam Deck]
B: [Que lindo|Nossa|Perfeito]! 
^ 😍
"""

POLISH = r"""
=== international
A: [Cześć|Dobry wieczór|Hej] wszystkim, [ktoś gra dzisiaj|jak zima u was|co słychać w wiosce]?
B: [Ja, zaraz po pierogach|Jestem|Zawsze], [u nas śnieg po kolana|właśnie łowię szczupaka|tylko dokończę pranie]
?C: [Ja dziś tylko podglądam|Zajmijcie mi sanki]
^ 🛷

=== international
A: [Gdzie znajdę|Ktoś wie, gdzie jest] [klucz do młyna|stary Henrik|gęś, która ukradła mi czapkę]?
B: [Za piekarnią|Pod schodami|Przy moście], [najlepiej w nocy|ale dopiero po burzy|uważaj na lód]
A: [Mam|Jest]! [dzięki|dziękuję ślicznie|ratujesz mi wieczór]
^ 🔑 🙌
"""

KOREAN = r"""
=== international
A: 안녕하세요! [오늘 밤 같이 하실 분|다들 뭐 하세요|거기도 눈 오나요]?
B: [저요|지금 접속했어요], [낚시 중이에요|떡볶이 먹고 갈게요|퇴근하는 중이에요]
?C: [부럽다|저는 내일 시험이라 구경만 할게요]
^ 🎣 ❄️

=== international
A: [거위|마르타 아주머니|옛 방앗간 열쇠] [어디 있는지 아세요|때문에 한 시간째 헤매는 중이에요]
B: [다리 밑에 있어요|밤에 가 보세요|눈이 그치면 나와요]
A: [찾았어요|드디어]! [감사합니다|정말 고마워요]
^ 🙌

=== international
A: {%night} [오늘 찍은 사진이에요|오로라 드디어 봤어요], [포토 모드 최고|{n:20-60}분 기다렸어요]
B: [와 예쁘다|배경화면 해도 되나요|대박]
^ 😍
"""
