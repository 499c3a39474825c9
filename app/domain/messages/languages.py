"""In which language a message is written, by its commonest small words (`decisions/0012-language-by-small-words`).

The language whose small words a text has most of; a text that has none, or as many of two languages, is in none.
Scripts without spaces are told by their commonest signs. The same words are what search looks up: nothing is indexed
for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.messages.tokens import fold

SMALL_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(fold(words).split())
    for language, words in {
        "ar": "في من على ان أن إن إلى الى ما هذا هذه مع لا عن هو هي كان التي الذي كل انا أنا انت أنت يا بس شو مش لو",
        "cs": "se na je to že ale jak jsem jsou jsi by bylo byl být co když už tak ten ta pro od ve při mě mi nebo jen není který",
        "da": "og er det ikke til af på som der jeg du har med den om hvad kan vil han mig men også bliver skal være fra nogle",
        "de": "der die das und ist nicht ich du ein eine mit auf den dem zu es sich wir ihr aber auch wie noch was oder wenn nur haben hat sind",
        "el": "και το να η ο τα του της που δεν είναι με για στο θα μου σου από τι αν ή αλλά στην των ένα μια",
        "en": "the and is are was were you to of it that this with for have not they what but be will would can your my if so just on at",
        "es": "el la los las que y en es un una por con para no se lo como más pero su al del está muy yo tú mi si ya hay",
        "fi": "ja on ei että se en oli niin kun mutta myös tai jos nyt vain ovat olen mitä sen minä sinä hän me te ole kuin",
        "fr": "le la les et est pas un une des du que qui dans pour sur avec ce il elle je tu nous vous mais ou au plus ça c j",
        "he": "של את לא על זה אני כל הוא היא עם גם מה יש אין אבל אם כי רק אתה הם כן או אז",
        "hi": "है के में की का और से को हैं यह पर भी नहीं मैं हम तो वह क्या था कर एक हो",
        "hu": "a az és nem hogy egy is van ez meg csak de mint volt ha már még el én te azt vagy kell lesz nincs",
        "id": "yang dan di ini itu dengan untuk tidak dari dalam akan pada juga saya kamu aku bisa ada sudah apa gak nya ke",
        "it": "il lo la gli le e è di che non un una per con sono ma come mi ti si da del della anche io tu questo più ho hai",
        "ja": "の は を に が で と た て い る し な も す か ら れ ん よ う こ そ あ き く さ ま",
        "ko": "는 은 이 가 을 를 에 의 도 다 고 지 요 하 니 서 로 한 어 아 그 나 해 들 게",
        "nb": "og er det ikke til av på som jeg du har med den om hva kan vil han meg men også blir skal være fra noen",
        "nl": "de het een en van ik je niet dat is op te zijn met voor maar ook er wat als dan nog wel hebben naar bij uit",
        "pl": "nie się na to jest że w z i do jak ale co tak za po od czy jestem był tylko mnie ten już są mi dla przez może",
        "pt": "o os as que e de do da em um uma não com para por se mas como mais eu você ele ela isso muito também já foi ao é",
        "ro": "și nu de la cu că o un pe în din este sunt ce mai dar eu tu să care pentru dacă am ai sau asta foarte",
        "ru": "и в не на что я с это как а но он она мы вы ты по из за у же то так все бы если только есть меня мне",
        "sv": "och är det inte att jag du en ett på som med för har av om men så vad kan vi till den mig också ska från eller",
        "th": "า ร น ก อ เ ง ม ว ย ล ด ท ส ต แ ห บ ป ค ะ ไ โ ข จ พ",
        "tr": "ve bir bu da de için ne çok mi ben sen var yok ama ile gibi daha o değil olarak kadar şey nasıl ya biz siz",
        "uk": "і в не на що я з це як а але він вона ми ви ти та до за у же то так все якщо є тільки мене мені або був",
        "vi": "là và của không có tôi bạn này cho được một các những với như khi thì đã đang sẽ rất mà gì ở người",
        "zh": "的 是 不 了 我 你 他 在 有 这 這 個 个 们 們 吗 嗎 就 也 都 没 沒 要 會 会 说 說 和",
    }.items()
}

_LANGUAGES_OF: dict[str, tuple[str, ...]] = {
    word: tuple(language for language, words in SMALL_WORDS.items() if word in words)
    for word in sorted(frozenset[str]().union(*SMALL_WORDS.values()))
}


def language_of(words: Iterable[str]) -> str | None:
    """The language of a text with these tokens, as its two letters; None where they do not tell."""
    counts: dict[str, int] = {}
    for word in words:
        for language in _LANGUAGES_OF.get(word, ()):
            counts[language] = counts.get(language, 0) + 1
    most = max(counts.values(), default=0)
    leading = [language for language, count in counts.items() if count == most]
    return leading[0] if len(leading) == 1 else None
