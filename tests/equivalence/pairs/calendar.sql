-- different: a day begins at another moment in another time zone
SELECT id FROM bookings WHERE (starts AT TIME ZONE 'UTC')::date = '2024-06-01';
SELECT id FROM bookings WHERE (starts AT TIME ZONE 'Asia/Tokyo')::date = '2024-06-01';

-- equal: a day of a named time zone as a half-open range
SELECT id FROM bookings WHERE (starts AT TIME ZONE 'UTC')::date = '2024-06-01';
SELECT id FROM bookings WHERE starts >= '2024-06-01 00:00+00' AND starts < '2024-06-02 00:00+00';

-- different: the range of the same day in the wrong zone
SELECT id FROM bookings WHERE (starts AT TIME ZONE 'UTC')::date = '2024-06-01';
SELECT id FROM bookings WHERE starts >= '2024-06-01 00:00+02' AND starts < '2024-06-02 00:00+02';

-- different: bookings that touch do not overlap
SELECT a.id, b.id FROM bookings a JOIN bookings b ON a.room_id = b.room_id AND a.id < b.id
WHERE a.starts < b.ends AND b.starts < a.ends;
SELECT a.id, b.id FROM bookings a JOIN bookings b ON a.room_id = b.room_id AND a.id < b.id
WHERE a.starts <= b.ends AND b.starts <= a.ends;

-- equal: overlap as the negation of before and after
SELECT a.id, b.id FROM bookings a JOIN bookings b ON a.room_id = b.room_id AND a.id < b.id
WHERE a.starts < b.ends AND b.starts < a.ends;
SELECT a.id, b.id FROM bookings a JOIN bookings b ON a.room_id = b.room_id AND a.id < b.id
WHERE NOT (a.starts >= b.ends OR b.starts >= a.ends);

-- different: OVERLAPS counts a moment as contained
SELECT a.id, b.id FROM bookings a JOIN bookings b ON a.id < b.id
WHERE a.starts < b.ends AND b.starts < a.ends;
SELECT a.id, b.id FROM bookings a JOIN bookings b ON a.id < b.id
WHERE (a.starts, a.ends) OVERLAPS (b.starts, b.ends);

-- different: a booking that contains the hour, or begins in it
SELECT id FROM bookings WHERE starts < '2024-06-01 11:00+00' AND ends > '2024-06-01 10:00+00';
SELECT id FROM bookings WHERE starts >= '2024-06-01 10:00+00' AND starts < '2024-06-01 11:00+00';

-- different: NOT IN with a day that is NULL
SELECT id FROM bookings WHERE day NOT IN (SELECT day FROM holidays);
SELECT id FROM bookings b WHERE NOT EXISTS (SELECT FROM holidays h WHERE h.day = b.day);

-- equal: the day is asked for
SELECT id FROM bookings WHERE day IS NOT NULL AND day NOT IN (SELECT day FROM holidays);
SELECT id FROM bookings b WHERE b.day IS NOT NULL AND NOT EXISTS (SELECT FROM holidays h WHERE h.day = b.day);

-- different: a daterange ends before its upper bound
SELECT id FROM bookings WHERE during @> DATE '2024-06-10';
SELECT id FROM bookings WHERE DATE '2024-06-10' BETWEEN lower(during) AND upper(during);

-- equal: a daterange contains a day
SELECT id FROM bookings WHERE during @> DATE '2024-06-10';
SELECT id FROM bookings WHERE during @> daterange('2024-06-10', '2024-06-11');

-- equal: a range with both bounds inside is kept as a half-open one
SELECT id FROM bookings WHERE during = daterange('2024-06-10', '2024-06-12', '[]');
SELECT id FROM bookings WHERE during = daterange('2024-06-10', '2024-06-13');

-- different: the upper bound inside or outside
SELECT id FROM bookings WHERE during = daterange('2024-06-10', '2024-06-12', '[]');
SELECT id FROM bookings WHERE during = daterange('2024-06-10', '2024-06-12');

-- different: dow counts from Sunday as 0, isodow as 7
SELECT id FROM bookings WHERE extract(dow FROM day) IN (0, 6);
SELECT id FROM bookings WHERE extract(isodow FROM day) IN (0, 6);

-- equal: weekends both ways
SELECT id FROM bookings WHERE extract(dow FROM day) IN (0, 6);
SELECT id FROM bookings WHERE extract(isodow FROM day) >= 6;

-- different: the year of the week is not the year of the day
SELECT id FROM bookings WHERE extract(year FROM day) = 2024;
SELECT id FROM bookings WHERE extract(isoyear FROM day) = 2024;

-- different: 30 days are not one month
SELECT id FROM bookings WHERE day < DATE '2024-03-31' - interval '1 month';
SELECT id FROM bookings WHERE day < DATE '2024-03-31' - interval '30 days';

-- equal: a constant moved to the other side
SELECT id FROM bookings WHERE day + 7 > DATE '2024-03-31';
SELECT id FROM bookings WHERE day > DATE '2024-03-24';

-- different: a day off when the constant is moved
SELECT id FROM bookings WHERE day + 7 > DATE '2024-03-31';
SELECT id FROM bookings WHERE day >= DATE '2024-03-24';

-- different: a booking lasts longer than an hour, or an hour at least
SELECT id FROM bookings WHERE ends - starts > interval '1 hour';
SELECT id FROM bookings WHERE ends - starts >= interval '1 hour';

-- equal: a difference compared, or a sum
SELECT id FROM bookings WHERE ends - starts > interval '1 hour';
SELECT id FROM bookings WHERE ends > starts + interval '1 hour';

-- different: the hours of an interval are not its length
SELECT id FROM bookings WHERE lasts >= interval '2 hours';
SELECT id FROM bookings WHERE extract(hour FROM lasts) >= 2;

-- different: the day the booking starts is not the day in the column
SELECT r.id, count(b.day) FROM rooms r LEFT JOIN bookings b ON b.room_id = r.id GROUP BY r.id;
SELECT r.id, count(b.starts) FROM rooms r LEFT JOIN bookings b ON b.room_id = r.id GROUP BY r.id;

-- equal: a calendar of days with the bookings of each
SELECT d::date, (SELECT count(*) FROM bookings b WHERE b.day = d::date)
FROM generate_series(DATE '2024-06-01', DATE '2024-06-05', interval '1 day') AS d;
SELECT d::date, count(b.id) FROM generate_series(DATE '2024-06-01', DATE '2024-06-05', interval '1 day') AS d
LEFT JOIN bookings b ON b.day = d::date GROUP BY d;

-- different: days without bookings are missing
SELECT d::date, count(b.id) FROM generate_series(DATE '2024-06-01', DATE '2024-06-05', interval '1 day') AS d
LEFT JOIN bookings b ON b.day = d::date GROUP BY d;
SELECT b.day, count(b.id) FROM bookings b WHERE b.day BETWEEN '2024-06-01' AND '2024-06-05' GROUP BY b.day;

-- different: a room without hours is never open
SELECT id FROM rooms WHERE NOT (time '12:00' >= opens AND time '12:00' < closes);
SELECT id FROM rooms WHERE (time '12:00' >= opens AND time '12:00' < closes) IS NOT TRUE;

-- equal: closed at noon spelled out
SELECT id FROM rooms WHERE NOT (time '12:00' >= opens AND time '12:00' < closes);
SELECT id FROM rooms WHERE opens > '12:00' OR closes <= '12:00';

-- different: the first booking of each day, by time or by number
SELECT DISTINCT ON (day) day, id FROM bookings ORDER BY day, starts, id;
SELECT day, min(id) FROM bookings GROUP BY day;

-- equal: the first number of each day
SELECT DISTINCT ON (day) day, id FROM bookings ORDER BY day, id;
SELECT day, min(id) FROM bookings GROUP BY day ORDER BY day;

-- different: the gap to the booking before, in any room or in the same
SELECT id, starts - lag(ends) OVER (PARTITION BY room_id ORDER BY starts, id) FROM bookings;
SELECT id, starts - lag(ends) OVER (ORDER BY starts, id) FROM bookings;
