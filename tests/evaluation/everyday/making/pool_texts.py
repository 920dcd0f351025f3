"""What is written in the folder of the swimming pool: rules, minutes, guides, settings, Chinese papers."""

README = """# Lindeck pool and sauna

Visits, tickets, water and staff of the town's pool. The till exports its tables on Mondays. Photos of the pool are given away under CC0.
"""
RULES = """# House rules

Everybody showers before the first swim. Children under eight come with somebody who is at least sixteen.
Running on the tiles and ball games in the sports basin are forbidden. Diving is allowed from the north side only.
Music is played over headphones, since the loudspeakers must be heard. Glass stays outside the fence.
On Thursdays the sauna is open until 22:30, on other days until 21:00. An evening ticket is valid from 18:00.
Whoever blocks a locker overnight pays 6 euro. Swimming aids are lent at the till against a pledge of 15 euro.
Lost property is kept for eight weeks and then goes to the flea market of the fire brigade.
"""
SAUNA = """# Using the sauna

Take off rings and chains, for metal gets hot enough to burn the skin. Lie on a towel that is as long as you are.

Plastic sandals stay at the door because they soften on the warm boards and leave marks that cannot be scrubbed off.
Two rounds of ten to fifteen minutes are enough for beginners. Between rounds, cool down in the open air first and in the plunge pool second.

Only the staff pour water on the stones: too much at once cracks them. A stove full of stones costs 240 euro and lasts two winters.
Drink something after the last round, not before the first.
"""
MARCH = """# Committee, 12 March 2025

Present: Marta, Jonas, Elif, Henrik

The season starts on 10 May 2025. An adult ticket rises to 5.20 euro; children still pay 2.80 euro, after Elif had reminded everybody of the promise
made at the town fair.

Pump 2 is fourteen years old and leaks. Hydrotec offers a new one for 3,480 euro, fitting included, which is accepted. The savings bank
gives 1,000 euro towards it. Henrik empties the plant room before Easter.

Forty-one swimmers have signed for an early swim. It is tried on Tuesdays and Thursdays from 6:30, with Jonas at the door, and looked at again in July.
"""
SEPTEMBER = """# Committee, 25 September 2025

Present: Marta, Jonas, Elif, Henrik, Ruben

The hail of 3 August broke eleven panes of the sauna's roof. The insurance pays 2,150 euro of 2,600; the rest comes from the flea market.

The kiosk has a new tenant from April: Elif's cousin Deniz Aydin, for 320 euro a month. Elif left the room for the vote. Chips stay on the menu.

The winter swim is on 28 December 2025 at eleven. Marta registers the swimmers, the Red Cross brings soup and a tent.

Nobody wants the old diving board. Ruben asks the museum.
"""
GUIDE = """Guide for lifeguards at Lindeck pool
====================================

1. Before the doors open

Walk once round every basin and look at the bottom, not at the surface. Count the rescue poles; there are four. Open the first-aid room and
leave its key in the door until the evening. Take the first water sample of the day before anybody has been in, because the morning's value
is the one that the health office asks for. Write it down at once. If the chlorine is below 0.3 or above 0.6 milligrams per litre, the basin stays
closed until a second sample is right.

2. Where to stand

Stand where the sun is behind you. On the east side the glare hides the deep end between four and six in the afternoon, so the chair is moved
to the west side at a quarter to four. Nobody watches for longer than forty minutes at a stretch: attention fades before one notices it. Change
places aloud, with the name of whoever takes over.

3. What to look for

A drowning person is quiet. Look for a head low in the water with the mouth at the surface, for hair over the eyes, for arms that press
down sideways. Children who play make a noise; a child that stops making a noise is looked at first. Ask "Are you all right?" If no answer
comes, you have half a minute.

4. Thunder

At the first thunder blow three long whistles and clear the outdoor basins. Guests wait in the changing hall, not under the lime trees. The
basins open again thirty minutes after the last thunder. The sauna may stay open, but its garden is closed.

5. Chlorine alarm

The siren of the chlorine room has a tone that goes up and down. Nobody enters the room. Lead the guests away across the wind, never with it,
and call the fire brigade on 112. The plan of the pipes hangs behind the till, in a red cover. The water spray is switched on from outside
with the yellow lever: it binds the gas.

6. Minor things

Wasp stings are cooled. Ice lies in the kiosk's freezer, in the drawer marked with a cross. Lost children are brought to the till and given the
blue stool; their names are not called out over the loudspeakers, only the colour of their swimming things. A goggle strap can be mended with
a hair band.

7. After the doors close

Look at the bottom again. Pull the covers over the leisure basin before the sports basin, since it loses more warmth. Rinse the rescue boards
with fresh water and lay them flat in the shade. Enter the last reading of the water meter. Whoever locks up rings Henrik if anything was unusual.
"""
SETTINGS = """site = "lindeck"

[till]
closes_before_end_min = 45
receipt_copies = 1

[showers]
run_seconds = 40
water_c = 37.5

[turnstile]
max_per_hour = 260
beep = false
"""
HEATING = """boiler:
  start: "04:30"
  max_c: 62
basins:
  sports_c: 24.5
  leisure_c: 28.5
  plunge_c: 12
solar:
  panels: 84
  tilt_deg: 30
"""
BROKEN = '{"lab": "Aquatest", "samples": [{"basin": "sports", "ph": 7.2}, {"basin": "leis'
NOTICE_ZH = """# 少儿游泳班通知

暑期少儿游泳班七月七日开课，每周一、三、五上午九点上课，共十二次。
由吴晓梅教练负责，学费380元。学员须自带泳帽和泳镜，浮板由泳池提供。
雷雨天停课，补课时间另行通知。
"""
