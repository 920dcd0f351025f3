"""What is written in the mountain hut: rules, minutes, letters, the avalanche guide, notices in Chinese."""

README = """# Karhorn hut and rescue group

Tables, logs and papers of the hut. The warden copies them on the first of the month; the rescue group keeps its own missions.
"""
RULES = """# Rules of the house

Boots stay in the boot room, because crampons tear the larch floor. Quiet from ten in the evening to half past four.

Members show their card on arrival, or they pay like everybody else. Who cancels up to three days before arrival pays nothing; after that it is
12 euro a head. A lost blanket costs 48 euro, a broken window what the glazier asks.

The winter room is never locked. It has wood for two nights: what you burn, you split again. Dogs sleep in the wood shed, not in the dormitories.

Water comes from the spring until the first frost. After that it is melted, and showers are closed. Rubbish goes down to the valley in the rucksack that
brought it up.
"""
MARCH = """# Rescue group and hut committee, 14 March 2024

Present: Anneli, Bruno, Ferdi, Maud, Selim

The hut opens on 15 June 2024 and closes on 6 October. Opening earlier was discussed, but the path below the Kessel is not clear before June.

A night in the winter room costs 14 euro from now on. Maud empties the box every second Sunday.

The old sledge stretcher has a bent runner. Selim knows a smith in Oberau who straightens it for 210 euro; agreed. Ferdi wants a second one, which is put off
until the accounts are there.

Avalanche exercise on the Schafboden with the dog teams of the neighbours, twenty-three people came. The two slowest groups needed more than eighteen minutes, so
the exercise is done again in December.
"""
OCTOBER = """# Rescue group and hut committee, 24 October 2024

Present: Anneli, Bruno, Maud, Ottokar

A good summer: the cook stays for another year, and the spring never ran dry. The terrace needs new planks; Ottokar asks three sawmills for larch.

A night in the winter room costs 17 euro from 1 November. Anneli was against it, the others for it.

The generator used 1,340 litres of diesel, a fifth more than last year. Bruno looks for somebody who can set up twelve solar panels on the south roof, and writes to the
canton about a grant.

Two radios fell into the Tobel stream during the mission of 9 September. Insurance pays one of them. New ones must be waterproof.
"""
LETTER = """Helvia Mutual, Mountain Branch
Policy KH-2207
4 November 2024

Dear Mr Zurbriggen,

thank you for the report on the damage of 9 September. Of the two radios that fell into the water, one was fastened as our conditions require, and we pay 415 euros
for it. The other lay loose in a rucksack, which is not covered. The money reaches you within fourteen days.

We take the chance to remind you that the roof has to be inspected by a carpenter before the winter. Without his certificate, damage by the weight of snow is not insured
from 1 January 2025 on. Finally, the premium goes down by six percent, because there was no fire in the last five years.

With kind regards,
Irmgard Stoll
"""
GUIDE = """# Avalanches: what every helper has to know

## 1. Before you set out

Read the bulletin in the morning and again at noon, for it is renewed at both times. Write the names of all who go on the board beside the door, with the hour at
which they want to be back. A party without a return time is not let go.

Everyone carries a beacon, a shovel and a probe. A beacon with less than forty percent of battery stays at home, and so does its owner. Beacons are tested at the gate:
the leader passes each one at five metres and hears it.

## 2. Reading the slope

Most slab avalanches start on slopes of thirty to forty-five degrees. Steeper ground sheds its snow little by little. Measure with the ski pole: two poles of equal length and a
plumb line give thirty degrees when the swinging pole lands on the end of the first.

New snow and wind are the two masons of danger. Thirty centimetres in one day with wind need two days of rest before anybody crosses a lee slope. Shade keeps danger for
longer than sun.

## 3. Sounds and signs

A whumpf is the sound of a weak layer that collapses under you. Stop, spread out to at least twenty metres, and go back in your own track one by one. Do not discuss it on the
slope.

Cracks that shoot away from the ski, fresh slabs on the opposite side and snowballs that roll by themselves are signs of the same family. Roaring sounds in the afternoon mean wet snow.

## 4. When somebody is buried

Watch the last point where the person was seen and mark it with a pole. One person counts and calls, all the others search. After fifteen minutes the chance of being found alive falls
steeply from nine in ten to one in three.

Switch every beacon to receive, including those of people who only look on. Keep telephones at least half a metre away from the beacon, because they disturb it. Probe in a spiral,
hand's breadth by hand's breadth, at a right angle to the slope.

Dig from below, in a wedge, never from above: whoever digs from above stands on the airway.

## 5. Afterwards

Head and chest first, then warmth. Cold patients are moved flat and slowly, because a jolt can stop a cold heart. No alcohol, no rubbing, sweet tea only for those who can hold
the cup themselves.

Write down the times while they are fresh. Nobody gives interviews but the head of operations. On the next day the whole team meets, without guests, and everybody says what they saw.
"""
TODO = "oil the boot room door\nsplit wood for the winter room\nring the glazier\n"
BULLETIN = """Avalanche bulletin, Karhorn region
Issued on 7 December 2024 at 17:00

Above 2,300 metres the danger is level 4, high. Below that altitude it is level 2, moderate. The most dangerous slopes face north-east.
Forty-five centimetres of new snow have fallen since Thursday. The next bulletin appears on 8 December at 08:00.
"""
SAFETY = """# 安全须知

一、进山前须在值班室登记，写明返回时间。超过预定时间两小时未归的，由值班员通知救援队。

二、雷雨天不得走东脊，改走林间小路。

三、借用冰爪押金二百元，三日内归还；逾期每天收十五元。

四、对讲机统一使用七频道，电池每天早上更换，旧电池交给周敏。

五、高山反应严重者应立即下撤，不得服用安眠药。
"""
NOTICE = """冬训通知

今年的冬季训练从12月6日开始，12月8日结束，地点在北坡营地，由赵海峰带队。每人交伙食费180元，睡袋自带。
训练内容：雪崩搜救、绳索下降和夜间行军。因为缆车停运，所有人早上六点在停车场集合，步行上山。
报名截止到11月20日，请找周敏登记。
"""
NEEDLES = {
    "2024-07-03": "Ottilie Brand, Lindau. Found a wedding ring under the bench at the spring, engraved 'H and M 1987'. It is with the warden.",
    "2024-07-29": "Pascal and Rune. An ibex ate our doormat, I mean our rope bag, at half past five. We would come again.",
    "2024-08-19": "Theres Amrein. My red ice axe must be leaning at the north door. If you see it, please send it to the post office of Oberau.",
    "2024-09-14": "Choir of the railwaymen. Forty voices, one guitar, and the soup was saved by Selim, who went down for salt in the night.",
}
PRAISE = "Fine soup and a warm stove.|Fog all day, cards all evening.|We shall be back with the children.|Thanks to the warden for the dry socks.|Clear view to the glacier at sunrise.|The path by the stream is muddy.|Slept like stones.|Rain from noon, then a rainbow over the ridge.|Best strudel of the whole tour.|Early start for the summit, back by two.|The ladder at the Tobel is loose, take care.|No wind, no clouds, no words.".split("|")  # fmt: skip
