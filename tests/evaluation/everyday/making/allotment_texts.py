"""What is written in the folder of the allotment gardens: rules, minutes, letters, a guide, Chinese papers, the chronicle."""

import random

README = """# Allotment gardens Millbrook

Plots, members, water meters and harvest of the association. The meters are read on 1 April and on 31 October. Beds for the soil probes lie in the teaching garden.
"""
RULES = """# Garden rules

Wheelbarrows are stored upside down, because standing water rusts the tray. Tools are cleaned before they go back into the shed.
Hedges along the paths are at most 1.25 m high. Between one and three in the afternoon no engine runs.
Each plot owes eight hours of common work a year. Whoever lends a gate card to a stranger pays a fine of 25 euro.
Fires are forbidden from March to October. Dogs are welcome on a lead, but not on the playground.
Trampolines need the consent of both neighbours. Bees may be kept in the orchard section only.
"""
COMPOST = """# The compost heap

A heap needs air, water and a mix. Two parts of brown matter, such as leaves and straw, go with one part of green matter, such as grass and kitchen scraps.

## What stays out

Cooked food stays out, since it draws rats. Potato leaves with blight stay out as well: the spores outlive the heap. Thuja clippings rot so
slowly that they would still be there in five years.

## Care

The heap is turned every six weeks. If it smells of ammonia, it has too much green matter and gets straw. In dry summers it is watered once a week.
After nine months the compost is sieved through a mesh of 12 mm and kept under a sheet, so that rain does not wash it out.
"""
SPRING = """# General meeting, 13 March 2025

Present: 31 members. Chair: Ruth Amsel

The plant market takes place on 10 May 2025 at the main gate. Ivo Tanaka is responsible for the stalls, Petra Lund for the cakes.
The summer party is on 12 July 2025. The band costs 450 euro, which the members grant with four votes against.

The pump lost pressure all through last August. Abdul Karimi mends it for the price of the parts, 380 euro. Until then the railway section is
watered before eight in the morning only.

A hedge of hornbeam replaces the broken fence at the pond. The children of the Linden school get two vacant plots free of charge.
"""
AUTUMN = """# General meeting, 18 September 2025

Present: 27 members. Chair: Ruth Amsel

Treasurer Otto Weiss steps down after sixteen years; Samira Haddad is elected in his place without a vote against.

The shredder is bought together with the gardens of Oberau. It costs 1,460 euro, and each side pays half. It stands with us from
November to January.

Three sheds were broken into in August. Nothing but a radio is missing. The committee asks for three offers for a lamp at the north gate.
The rent and the price of water rise in 2026; the list is attached. The next general meeting is on 12 March 2026.
"""
INSURANCE = """Feldmark Insurance
2 June 2025

Dear Mrs Amsel,

thank you for the report on the storm of 24 May. Our expert has looked at the greenhouse and the tool shed. For the greenhouse we pay 2,150 euro, that is the
price of the broken panes less your own share of 200 euro. The shed is not covered, as its roof had no nails on the western side. If you
disagree, write to us within thirty days. From next year on we ask for a photo of each roof every spring; the premium stays at 318 euro.

Yours sincerely,
K. Ottermann
"""
WATERWORKS = """Municipal Waterworks
25 August 2025

To the Millbrook gardens

The main at Mill Lane is being replaced. Your old meter, number 40-7713, will be taken out on 6 October 2025 between eight and ten o'clock. Someone
has to open the meter pit for our fitter, Mr Jansky. The new meter sends its readings by radio, so that no card has to be filled in any more. The exchange
is free; only a new lid for the pit, 95 euro, is at your expense.
"""
CONTACTS = """# Whom to call

| who | for what | phone |
|---|---|---|
| Jana Reuter | plumbing | 0555 0172 |
| Mill Lane Garage | mower and shredder | 0555 0139 |
| Samira Haddad | money | 0555 0188 |
| Municipal Waterworks | burst pipes | 0555 0100 |
| Theo Brandt | keys and gate cards | 0555 0164 |
"""
SETTINGS = """site: millbrook
pump:
  start: "05:45"
  off: "22:30"
  max_bar: 4.5
gate:
  card_digits: 6
  lock_after_tries: 3
probe:
  every_minutes: 120
  beds: [alder, birch, clover, dill, elder]
"""
WATER_NOTICE = """Notice of the waterworks for the gardens at Mill Lane

The summer pipe is closed on 3 November 2025 and opened again on 16 March 2026. Please leave all taps open after the closing, so that no pipe bursts. Meters that
freeze cost 140 euro each.
"""
NOTICE_ZH = """# 浇水与堆肥通知

从六月一日起，东区每周二和周五晚上七点以后才可以浇水，西区每周三和周六。
堆肥箱由林秀梅管理，电话 555-0147。煮熟的食物不得放入堆肥箱，因为会招来老鼠。
植树活动定于2025年3月15日上午九点开始，请自带手套。收获节定于2025年9月27日举行，门票每人12元，儿童免费。
"""
MEETING_ZH = """# 园艺小组会议记录

时间：2025年4月8日。主持人：林秀梅。

一、温室的玻璃破了六块，由马建国负责更换，预算480元。
二、今年的辣椒苗由周敏统一培育，每户可领十棵，不收费。
三、工具间的门锁换成密码锁，密码每季度更换一次。
四、下次会议定于5月13日，地点改在小礼堂。
"""
PREFACE = """Chronicle of the Millbrook gardens

Founded in 1921 by railway workers, the gardens had forty plots on a drained meadow. The flood of 1954 took all the sheds but two. In 1978 the pump house burnt
down, and since 1986 every section has a water main of its own. In 2003 the town wanted to build a road here; nine hundred signatures saved the gardens.

"""
EVENTS = {
    1921: "Founded on 3 April at the Signal inn. The first chairman is Gustav Emmerich.",
    1931: "The first greenhouse is put up, with windows from a demolished school.",
    1946: "Every plot is planted with potatoes. Two guards watch at night.",
    1954: "The flood of July takes all the sheds but two.",
    1963: "The widow of Olaf Brandvik gives the bench by the pond.",
    1969: "The children build the hedgehog house.",
    1978: "The pump house burns down on 9 August; a bottle had focused the sun.",
    1986: "Every section gets a water main of its own.",
    1995: "Hedda Quist wins the town's prize for her dahlias.",
    2003: "The town gives up its road after nine hundred signatures.",
    2014: "The orchard section is opened with thirty-two apple trees.",
    2020: "The general meeting is held on the football ground.",
}
SMALL = [
    "Late frost in May, the beans are sown twice.", "A dry summer; the wells are low by August.", "Plums in plenty, jam is cooked in the hall.", "The paths get new gravel.",
    "Slugs are the talk of the year.", "Early frost ends the season in September.", "The fair brings a small profit.", "Storm in March, several roofs are mended.",
    "The hedge is cut by everybody on two Saturdays.", "Rabbits come through the fence.", "A wet year with blight on the potatoes.", "New tools are bought for the shed.",
]  # fmt: skip


def chronicle(rng: random.Random) -> str:
    """A year a paragraph, some hundred lines."""
    years = []
    for year in range(1921, 2025):
        small = rng.sample(SMALL, rng.choice([1, 1, 2]))
        years.append("\n".join([f"{year}", *([EVENTS[year]] if year in EVENTS else []), *small]))
    return PREFACE + "\n\n".join(years) + "\n"
