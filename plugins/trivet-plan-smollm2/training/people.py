"""Names of people and other short values that tables hold."""

from random import Random

FIRST = """Ana Ben Chiara Dmitri Elif Farid Greta Hugo Ingrid Jamal Katya Luis Mei Nadia Omar Petra Quentin Rosa Samir Tove
Uma Viktor Wendy Xiomara Yusuf Zofia Aiko Bruno Carmen Dilan Emeka Freya Goran Hana Isaac Jana Kwame Leila Mateo Noor Olga
Pavel Ravi Saskia Tomas Ulrike Vera Walid Yara Zeno Alice Brian Clara Daniel Emma Frank Grace Henry Iris James Karen Lars
Maria Nina Oscar Paul Ruth Simon Tara Anton Birgit Chen Dora Erik Fatima Gita Heidi Ilse Joao Kofi Lena Marco Nils""".split()
LAST = """Ruiz Okafor Lindqvist Schmidt Tanaka Novak Haddad Moreau Rossi Silva Kowalski Ibrahim Jensen Fischer Mbeki Dubois
Costa Yamada Petrov Larsen Weber Khan Bianchi Santos Walsh Murphy Becker Horvat Nowak Lind Osei Demir Vargas Moss Hale Brandt
Keller Vogel Marsh Pike Quinn Reyes Sato Thorn Ueda Vance Wolfe Young Zhou Adler Blum Castro Diaz Engel Frost Grant Hess""".split()
STREETS = "Mill Lane,High Street,Park Road,Station Road,Lindenweg,Rua do Sol,Church Street,Quay Street,Elm Close".split(
    ","
)
WORDS = "alpha brook cedar delta ember fjord grove haven inlet jetty karst ledge mesa north".split()


def full_name(rng: Random) -> str:
    return f"{rng.choice(FIRST)} {rng.choice(LAST)}"


def person(rng: Random, style: str) -> str:
    first, last = rng.choice(FIRST), rng.choice(LAST)
    match style:
        case "initial":
            return f"{first} {last[0]}."
        case "reversed":
            return f"{last}, {first}"
        case "first":
            return first
        case "last":
            return last
    return f"{first} {last}"


def coded(pattern: str, rng: Random) -> str:
    """`M###` becomes M417."""
    return "".join(str(rng.randrange(1, 10)) if sign == "#" else sign for sign in pattern)


def contact(kind: str, rng: Random) -> str:
    match kind:
        case "PHONE":
            return f"{rng.choice(['0', '+49 ', '+44 ', '555-'])}{rng.randrange(100, 999)} {rng.randrange(1000, 99999)}"
        case "EMAIL":
            return (
                f"{rng.choice(FIRST).lower()}@{rng.choice(['example.org', 'mail.test', 'post.example', 'club.test'])}"
            )
        case "ADDRESS":
            return f"{rng.choice(STREETS)} {rng.randrange(1, 140)}"
        case "IP":
            return f"10.{rng.randrange(0, 9)}.{rng.randrange(0, 255)}.{rng.randrange(2, 254)}"
        case "PLATE":
            return f"{rng.choice('ABKLMS')}{rng.choice('ADEKR')}-{rng.choice('CFHTX')} {rng.randrange(100, 9999)}"
        case "TIME":
            return f"{rng.randrange(6, 22):02d}:{rng.choice(['00', '15', '30', '45'])}"
    return rng.choice(WORDS)
