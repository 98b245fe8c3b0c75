"""The words of which the invented world is made. Data only; changing a line changes every world."""

# ruff: noqa: E501, RUF001, SIM905 - tables of words, many of them not English

ADJECTIVES = tuple(
    "Last Silent Broken Golden Hidden Burning Crimson Distant Endless Fallen Frozen Gentle Hollow Iron Little Lonely"
    " Long Lost Midnight Naked Northern Old Pale Paper Quiet Red Restless Second Secret Shallow Small Strange Sudden"
    " Sweet Tender Third Velvet White Wild Winter".split()
)
NOUNS = tuple(
    "River House Daughter Garden Station Mountain Letter Summer Shadow Border Harbour Mirror Orchard Bridge Carnival"
    " Clockmaker Detective Emperor Ferryman Guest Horizon Island Journey Kingdom Lighthouse Machine Neighbour Orchestra"
    " Passenger Quarry Road Sailor Telephone Umbrella Valley Witness Year Zebra Wedding Apartment Balloon Cinema"
    " Déjà-vu Façade Naïveté Smörgåsbord Café".split()
)
PLACES = tuple(
    place.replace("·", " ")
    for place in "Lisbon Kraków Osaka Valparaíso Tromsø Gdańsk Zürich Marrakesh Tbilisi Reykjavík Montréal Hanoi Accra Łódź São·Paulo"
    " Bruges Dakar Cádiz Malmö Perth".split()
)
NATIVE = {
    "ja": ("東京", "物語", "夏の", "少女", "最後の", "夜", "静かな", "海", "列車", "秘密"),
    "ko": ("서울", "여름", "비밀", "마지막", "기차", "소녀", "바다", "밤", "조용한", "이야기"),
    "zh": ("长城", "夜", "秘密", "最后的", "列车", "749局", "少年", "海", "静静的", "故事"),
    "ru": ("Последний", "Тихий", "Дом", "Ночь", "Москва", "Лето", "Письмо", "Тайна", "Ёлки", "Дорога"),
    "ar": ("القاهرة", "الليل", "الأخير", "سر", "الصيف", "القطار", "البحر", "حكاية", "الصامت", "بيت"),
    "hi": ("दिल्ली", "रात", "आख़िरी", "राज़", "गर्मी", "रेल", "समुद्र", "कहानी", "ख़ामोश", "घर"),
    "fr": ("L'Été", "dernier", "Nuit", "d'Hélène", "À bout", "Garçon", "Où", "Mère", "Rêve", "Noël"),
    "de": ("Die", "letzte", "Straße", "Nächte", "Übermut", "Mädchen", "Größe", "stille", "Zug", "Haus"),
    "es": ("El", "último", "verano", "niña", "Corazón", "señor", "¿Quién", "noche", "tren", "mañana"),
    "tr": ("Son", "İstanbul", "Gece", "Yağmur", "Çocuk", "Şehir", "Güneş", "Öğle", "sessiz", "Ev"),
}  # fmt: skip
LANGUAGES = {
    "en": ("English", "English"), "ja": ("Japanese", "日本語"), "ko": ("Korean", "한국어/조선말"),
    "zh": ("Mandarin", "普通话"), "ru": ("Russian", "Pусский"), "ar": ("Arabic", "العربية"),
    "hi": ("Hindi", "हिन्दी"), "fr": ("French", "Français"), "de": ("German", "Deutsch"),
    "es": ("Spanish", "Español"), "tr": ("Turkish", "Türkçe"), "cn": ("Cantonese", "广州话 / 廣州話"),
    "xx": ("No Language", "No Language"),
}  # fmt: skip
COUNTRIES = {
    "US": "United States of America", "GB": "United Kingdom", "JP": "Japan", "KR": "South Korea", "CN": "China",
    "RU": "Russia", "EG": "Egypt", "IN": "India", "FR": "France", "DE": "Germany", "ES": "Spain", "TR": "Turkey",
    "HK": "Hong Kong", "MX": "Mexico", "CA": "Canada", "IT": "Italy", "SE": "Sweden", "BR": "Brazil",
}  # fmt: skip
HOMES = {
    "en": ("US", "GB", "CA"), "ja": ("JP",), "ko": ("KR",), "zh": ("CN",), "ru": ("RU",), "ar": ("EG",),
    "hi": ("IN",), "fr": ("FR", "CA"), "de": ("DE",), "es": ("ES", "MX"), "tr": ("TR",), "cn": ("HK",), "xx": ("US",),
}  # fmt: skip
ORIGINAL_LANGUAGES = ("en",) * 14 + tuple(NATIVE) + ("cn",)
"""English for a little more than half, as among popular films."""

GENRES = (
    (28, "Action"), (12, "Adventure"), (16, "Animation"), (35, "Comedy"), (80, "Crime"), (99, "Documentary"),
    (18, "Drama"), (10751, "Family"), (14, "Fantasy"), (36, "History"), (27, "Horror"), (10402, "Music"),
    (9648, "Mystery"), (10749, "Romance"), (878, "Science Fiction"), (10770, "TV Movie"), (53, "Thriller"),
    (10752, "War"), (37, "Western"),
)  # fmt: skip

WOMEN = tuple(
    "Ada Beatriz Chiara Dagny Élodie Farah Greta Hana Ingrid Jūn Kamala Lúcia Mireille Nadia Oksana Priya Quinn Rosa"
    " Saoirse Thandiwe Ursula Vivian Wanda Xochitl Yael Zuzana".split()
)
MEN = tuple(
    "Aleksander Björn Chukwu Diego Emil François Giorgos Hiroshi István Jürgen Kwame László Mateo Nikolai Omar Paweł"
    " Quentin Rui Søren Tomáš Ulises Viktor Wei Xavier Yusuf Zoltán".split()
)
FAMILIES = tuple(
    family.replace("·", " ")
    for family in "Abernathy Bergström Castellanos Dvořák Eriksen Fontaine Grünwald Hashimoto Ivanova Jankowski Kapoor Lindqvist"
    " Moreau Nakamura O'Connor Pérez Quiroga Rossi Søndergaard Tanaka Ueda Villanueva Wójcik Xu Yılmaz Zhang Adeyemi"
    " Baptiste Chatterjee D'Angelo El-Sayed Fitzgerald García Hämäläinen Ionescu Jørgensen Kowalczyk Laurent Müller"
    " Nguyễn Okafor Petrov Ramírez Schröder Takahashi Uzun Vega Weiß Yamamoto Zimmermann Ångström Brandão Çelik"
    " Đorđević Šimunović Żeromski Le·Goff van·den·Berg de·la·Cruz Mac·Ruairí St.·John".split()
)
NATIVE_PEOPLE = (
    "山田花子",
    "김민지",
    "李小龙",
    "Анна Каренина",
    "نجيب محفوظ",
    "अमिताभ कुमार",
    "王家衛",
    "宮本武蔵",
)

CHARACTERS = tuple(
    "Detective Captain Doctor Aunt Uncle Old Young Sister Nurse Officer Professor Madame Judge Private Agent King".split()
)
JOBS = (
    (("Production", "Producer"),) * 16 + (("Production", "Executive Producer"),) * 14
    + (("Production", "Casting"),) * 6 + (("Production", "Associate Producer"),) * 4
    + (("Production", "Production Assistant"),) * 8 + (("Crew", "Stunts"),) * 22 + (("Crew", "Stunt Double"),) * 5
    + (("Crew", "Thanks"),) * 6 + (("Sound", "Original Music Composer"),) * 7 + (("Sound", "Foley Artist"),) * 9
    + (("Sound", "Sound Re-Recording Mixer"),) * 9 + (("Art", "Art Direction"),) * 9
    + (("Art", "Set Decoration"),) * 7 + (("Visual Effects", "VFX Artist"),) * 9
    + (("Visual Effects", "Animation"),) * 7 + (("Costume & Make-Up", "Makeup Artist"),) * 9
    + (("Costume & Make-Up", "Costume Design"),) * 6 + (("Camera", "Director of Photography"),) * 8
    + (("Camera", "Camera Operator"),) * 7 + (("Directing", "Director"),) * 9
    + (("Directing", "First Assistant Director"),) * 4 + (("Writing", "Screenplay"),) * 7
    + (("Writing", "Writer"),) * 6 + (("Editing", "Editor"),) * 9 + (("Lighting", "Gaffer"),) * 6
    + (("Actors", "Voice"),) + (("Creator", "Créatrice"),)
)  # fmt: skip
"""Weighted as among popular films; the last two departments are documented nowhere, as some of TMDB's."""

KEYWORDS = tuple(
    f"{first}{second}" for first in ("based on ", "", "woman ", "post-", "anti-", "19th century ", "small-town ")
    for second in ("novel", "war", "love", "friendship", "robot", "heist", "family", "murder", "school", "sea", "space",
                   "train", "revenge", "music", "detective", "nature", "travel", "memory", "exile", "film noir")
)  # fmt: skip
COMPANY_WORDS = (
    "Lantern",
    "Nordlicht",
    "Três Irmãs",
    "Blue Kite",
    "Kogane",
    "Orbit",
    "Sparrow",
    "Mosaïque",
    "Tidal",
)
COMPANY_FORMS = (
    "Pictures",
    "Films",
    "Productions",
    "Studio",
    "Entertainment",
    "Média",
    "株式会社",
    "& Sons Ltd.",
)
PROVIDERS = tuple(
    f"{word} {form}" for word in ("Streamly", "Kinobox", "Luma", "Cinevault", "Reelhouse", "Moviola", "Pellicola", "Obraz")
    for form in ("", "Premium", "with Ads", "Amazon Channel", "TV")
)  # fmt: skip
VIDEO_KINDS = (
    "Trailer",
    "Teaser",
    "Clip",
    "Featurette",
    "Behind the Scenes",
    "Bloopers",
    "Opening Credits",
)
SENTENCES = (
    "A {a} {b} returns to {c} after twenty years, only to find that nothing has been forgiven.",
    "When the {b} of {c} disappears, a {a} stranger is the first to be asked and the last to know.",
    "In {c}, two sisters share a {a} {b} and a secret neither will say aloud.",
    "“Never again,” said the {b}; but {c} has a {a} memory – and a longer arm.",
    "Years later, over a {a} dinner in {c}, the {b} tells it differently…",
    "Based on true events: the {a} winter in which {c} lost its only {b}.",
)
STATUSES_AHEAD = (
    "Post Production",
    "Post Production",
    "In Production",
    "In Production",
    "Planned",
    "Rumored",
)
