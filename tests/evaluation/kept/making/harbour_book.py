"""A harbour master's book of one year, day by day, some 120 KB: mostly weather, boats and dues, and now and then something to remember."""

import random
from datetime import date, timedelta

YEAR = 1931
BROKE_THE_PANE, ORGAN_SHIP = "gull", "Fredrikke"
REMEMBERED = {
    date(YEAR, 1, 19): "The ice stands in the inner basin as far as the crane. The boys of the school were forbidden to walk to the hulk and did it all the same.",
    date(YEAR, 2, 14): f"At two in the night the lamp of the lighthouse on Skarv went dark, because a {BROKE_THE_PANE} had flown through the pane. The keeper, Osvald Ring, held a storm lantern until dawn.",
    date(YEAR, 3, 30): "The widow Tofte has sold the chandlery to a man from the mainland, who wants to deal in motors.",
    date(YEAR, 4, 22): "The diver Nygaard examined the third pile of the long pier. It is eaten by worm and must be renewed before the autumn, at a cost of 340 crowns.",
    date(YEAR, 6, 9): f"The new organ for the church has come with the schooner {ORGAN_SHIP}, in nineteen crates. The sixteenth fell into the basin and was fished up by the pilot's boy, who got a crown for it.",
    date(YEAR, 7, 17): "The Count's yacht lay in the fairway without a light. I fined him ten crowns, and he paid without taking off his hat.",
    date(YEAR, 8, 28): "A whale of eleven ells has drifted ashore at Vesle. Half the town went to look, and the other half smelled it.",
    date(YEAR, 10, 3): "The telegraph cable to Tarn is torn, probably by the anchor of a trawler. Until it is mended the pilot carries the messages.",
    date(YEAR, 11, 12): "In the gale the roof of the salt store came off and lay on the quay like a book. Nobody was hurt but the cooper's goose.",
    date(YEAR, 12, 20): "The Dagmar, given up for lost, came in under a jury mast with all hands. The bell was rung for an hour.",
}  # fmt: skip
BOATS = [
    "Elna",
    "Maren",
    "Two Brothers",
    "Havfruen",
    "Solveig",
    "Nordlys",
    "Ternen",
    "Ebba",
    "Kaja",
    "Providence",
    "Gudrun",
    "Sigrid",
]
HOMES = ["Tarn", "Vesle", "Lindo", "Skarv", "the mainland", "Osmund", "Grimsund"]
CARGOES = [
    "coal",
    "herring",
    "salt",
    "timber",
    "barrels",
    "bricks",
    "potatoes",
    "hay",
    "nets",
    "cement",
    "barley",
    "slate",
    "paraffin",
    "empty casks",
]
REMARKS = [
    "The crane was greased.",
    "Two casks are missing from the quay and nobody has seen them.",
    "The tide gauge was read at six and at six.",
    "The pilot slept late.",
    "A dispute about the berth at the steps, settled.",
    "The customs officer counted everything twice.",
    "The buoy at the western shoal has shifted a little and was put back.",
    "Paint for the boathouse has been ordered.",
    "The night watch reports nothing.",
    "Fog until noon, the horn was blown.",
    "The ropes of the small pier were renewed.",
    "A stranger asked for work and was sent to the cooper.",
    "The fish were sold before they were landed.",
    "The scales were tested and found to be right.",
    "Rain through the office window again.",
    "The ferryman complains of the wash of the steamers.",
    "Eleven nets hang on the mole to dry.",
    "The clock of the office was set by the telegraph.",
]


def harbour_book() -> str:
    rng = random.Random(YEAR)
    pages = [f"BOOK OF THE HARBOUR OFFICE AT HOLM FOR THE YEAR {YEAR}\n"]
    for days in range(365):
        day = date(YEAR, 1, 1) + timedelta(days)
        wind = rng.choice(["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"])
        boats = rng.sample(BOATS, 4)
        arrived = "; ".join(f"the {boat} of {rng.choice(HOMES)} with {rng.choice(CARGOES)}" for boat in boats[:2])
        left = " and ".join(f"the {boat} for {rng.choice(HOMES)}" for boat in boats[2:])
        kept = [REMEMBERED[day]] if day in REMEMBERED else []
        pages.append(
            f"{day:%A}, {day.day} {day:%B}. Wind from the {wind}, force {rng.randrange(0, 9)}; glass at {rng.randrange(738, 779)} and "
            f"{rng.choice(['rising', 'falling', 'steady'])}. Came in: {arrived}. Went out: {left}. "
            f"{' '.join([*rng.sample(REMARKS, 2), *kept])} Dues taken: {rng.randrange(3, 60)} crowns.\n"
        )
    return "\n".join(pages)
