"""Words without a subject of their own, which every text of a language holds."""

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, strip_accents_unicode

from config.organisation import Language

CATALAN = """
a això així al algun alguna algunes alguns als altra altre altres amb ans aquell aquella aquelles aquells aquest aquesta
aquestes aquests ara bé cada com d da dar de del dels des dins durant e el ella elles ells els en encara entre era es és
esser està estan ésser fa fet fins ha hem han haver hi ho i ja l la les li llur llurs lo los m malgrat mateix mateixa
mateixes mateixos me mentre més mitjançant molt molta moltes molts n na ni no nos nosaltres nostra nostre o on pel pels
per perquè però pot poden qual quals quan què que qui s sa se segons sense ser seu seus seva seves si sigui siguin sinó
sobre són sota t tal també tan tant te té tenen tot tota totes tots u un una unes uns us va van vers
"""
SPANISH = """
a al algo algún alguna algunas alguno algunos ante antes aquel así aún aunque bajo cada como con contra cual cuales
cuando cuya cuyas cuyo cuyos de del desde donde dos durante e el ella ellas ello ellos en entre era es esa ese eso esta
está están estas este esto estos fin fue fueron ha hacia han hasta hay la las le les lo los más me mediante mi mientras
misma mismas mismo mismos muy ni no nos o otra otras otro otros para pero poco por porque pueda pueden puede que quien se
sea sean según ser será serán si sí sin sino sobre son su sus tal también tanto te tiene tienen todo toda todas todos
tras u un una unas uno unos y ya
"""
FRENCH = """
a à afin ainsi après au aucun aussi autre autres aux avant avec ayant c car ce ceci cela celle celles celui ces cet cette
ceux chaque chez ci comme d dans de depuis des dès doit doivent donc dont du durant elle elles en encore entre est et
étant été être eu eux fait fois font hors il ils j je jusqu jusque l la là le les leur leurs lors lorsqu lorsque lui m ma
mais me mes moins n ne ni non nos notre nous on ont ou où par pas pendant peu peut peuvent plus pour près puis puisqu
puisque qu quand que quel quelle quelles quelqu quelque quelques quels qui s sa sans se selon sera seront ses si soit
soient son sont sous sur t tandis tous tout toute toutes très un une vers via vos votre vous y
"""
WITH_A_SUBJECT = """
amount bill bottom detail empty fire front full interest mill mine move serious side system thick thin top
car cap cet esa sea sense van
"""
"""Words that one of the lists holds and that carry a subject all the same: in the first line those that scikit-learn's
English list is known for, in the second the function words of one language that are a subject in another, such as the
French `car`, the Spanish `sea` and the Catalan `sense`."""

FUNCTION_WORDS: dict[Language, frozenset[str]] = {
    "en": frozenset(ENGLISH_STOP_WORDS),
    "ca": frozenset(CATALAN.split()),
    "es": frozenset(SPANISH.split()),
    "fr": frozenset(FRENCH.split()),
}
"""English is scikit-learn's own list; the other three are the function words of the grammars."""

STOP_WORDS = sorted(
    {strip_accents_unicode(word) for words in FUNCTION_WORDS.values() for word in words}
    - set(WITH_A_SUBJECT.split())
)
"""All of them as the vectorisers see them: without accents."""
