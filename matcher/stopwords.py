"""Words without a subject of their own, which every text of a language holds."""

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, strip_accents_unicode

from config.organisation import Language

CATALAN = """
a al als amb ans aquest aquesta aquestes aquests això ara bé cada cap com d da dar de del dels des dins durant e
el ella elles ells els en encara entre era es és esser està estan ésser fa fet fins ha hem han haver hi ho i ja l la
les li llur llurs lo los m me més mitjançant molt molta molts n na ni no nos nosaltres o on per perquè però pot
poden qual quals quan què que qui s sa se sense ser seu seus seva seves si sigui siguin sobre són sota t tal també
tan tant te tot tota totes tots un una unes uns us va van vers
"""
SPANISH = """
a al algo ante antes así aún aunque bajo bien cada como con contra cual cuales cuando de del desde donde dos durante
e el ella ellas ellos en entre era es esa ese eso esta está están estas este esto estos fin ha han hasta hay la las
le les lo los más me mediante mi muy no nos o para pero poco por porque pueda pueden puede que quien se sea sean
según ser si sí sin sobre son su sus tal también tanto te tiene todo toda todas todos tras un una unas uno unos y ya
"""
FRENCH = """
a à afin ainsi après au aucun aussi autre autres aux avant avec c car ce ceci cela celle celles celui ces cet cette
ceux chaque ci comme d dans de des depuis dont du durant elle elles en encore entre est et eu été être eux fait fois
font hors il ils j je jusque l la le les leur leurs là lors m ma mais me mes moins n ne ni non nos notre nous on ont
ou où par pas pendant peu peut peuvent plus pour près puis qu quand que quel quelle quelles quels qui s sa sans se
sera seront ses si soit soient son sont sous sur t tous tout toute toutes très un une vers via vos votre vous y
"""

FUNCTION_WORDS: dict[Language, frozenset[str]] = {
    "en": frozenset(ENGLISH_STOP_WORDS),
    "ca": frozenset(CATALAN.split()),
    "es": frozenset(SPANISH.split()),
    "fr": frozenset(FRENCH.split()),
}
"""English is scikit-learn's own list; the other three are the function words of the grammars."""

STOP_WORDS = sorted({strip_accents_unicode(word) for words in FUNCTION_WORDS.values() for word in words})
"""All of them as the vectorisers see them: without accents."""
