import { describe } from 'vitest';
import { itLoses, itPrints, itRefuses, itTests, packet } from './testing.js';
import { time } from './time.js';

const rows = [
  [
    '--timestart 10:00 --timestop 18:30',
    '--timestart 10:00:00 --timestop 18:30:00 --datestop 2038-01-19T03:14:07',
    'TIME from 10:00:00 to 18:30:00 UTC',
  ],
  [
    '--timestart 10:00:05',
    '--timestart 10:00:05 --timestop 23:59:59 --datestop 2038-01-19T03:14:07',
    'TIME from 10:00:05 to 23:59:59 UTC',
  ],
  [
    '--timestop 9:5',
    '--timestart 00:00:00 --timestop 09:05:00 --datestop 2038-01-19T03:14:07',
    'TIME from 00:00:00 to 09:05:00 UTC',
  ],
  [
    '--datestart 2024-01-01 --datestop 2024-12-31T23:59:59',
    '--datestart 2024-01-01T00:00:00 --datestop 2024-12-31T23:59:59',
    'TIME starting from 2024-01-01 00:00:00 until date 2024-12-31 23:59:59 UTC',
  ],
  [
    '--datestart 2024',
    '--datestart 2024-01-01T00:00:00 --datestop 2038-01-19T03:14:07',
    'TIME starting from 2024-01-01 00:00:00 UTC',
  ],
  [
    '--datestart 2024-05',
    '--datestart 2024-05-01T00:00:00 --datestop 2038-01-19T03:14:07',
    'TIME starting from 2024-05-01 00:00:00 UTC',
  ],
  [
    '--datestart 2024-05-06T07',
    '--datestart 2024-05-06T07:00:00 --datestop 2038-01-19T03:14:07',
    'TIME starting from 2024-05-06 07:00:00 UTC',
  ],
  [
    '--datestart 2024-05-06T07:08',
    '--datestart 2024-05-06T07:08:00 --datestop 2038-01-19T03:14:07',
    'TIME starting from 2024-05-06 07:08:00 UTC',
  ],
  [
    '--datestart 2024-05-06T7:8:9',
    '--datestart 2024-05-06T07:08:09 --datestop 2038-01-19T03:14:07',
    'TIME starting from 2024-05-06 07:08:09 UTC',
  ],
  ['--datestop 2038-01-19T04:17:07', '--datestop 2038-01-19T04:17:07', 'TIME until date 2038-01-19 04:17:07 UTC'],
  ['--datestart 1970-01-01', '--datestop 2038-01-19T03:14:07', 'TIME UTC'],
  [
    '--datestart 1970-01-01T00:00:01',
    '--datestart 1970-01-01T00:00:01 --datestop 2038-01-19T03:14:07',
    'TIME starting from 1970-01-01 00:00:01 UTC',
  ],
  ['--monthdays 1,15,31', '--monthdays 1,15,31 --datestop 2038-01-19T03:14:07', 'TIME on 1st,15th,31st UTC'],
  [
    '! --monthdays 1,2',
    '--monthdays 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31 --datestop 2038-01-19T03:14:07',
    'TIME on 3rd,4th,5th,6th,7th,8th,9th,10th,11st,12nd,13rd,14th,15th,16th,17th,18th,19th,20th,21st,22nd,23rd,24th,25th,26th,27th,28th,29th,30th,31st UTC',
  ],
  ['--weekdays Mon,Tue', '--weekdays Mon,Tue --datestop 2038-01-19T03:14:07', 'TIME on Mon,Tue UTC'],
  ['--weekdays 1,7', '--weekdays Mon,Sun --datestop 2038-01-19T03:14:07', 'TIME on Mon,Sun UTC'],
  [
    '! --weekdays Sa,Su',
    '--weekdays Mon,Tue,Wed,Thu,Fri --datestop 2038-01-19T03:14:07',
    'TIME on Mon,Tue,Wed,Thu,Fri UTC',
  ],
  ['--weekdays Monday', '--weekdays Mon --datestop 2038-01-19T03:14:07', 'TIME on Mon UTC'],
  ['--monthdays 1,1', '--monthdays 1 --datestop 2038-01-19T03:14:07', 'TIME on 1st UTC'],
  [
    '--kerneltz --timestart 1:00',
    '--timestart 01:00:00 --timestop 23:59:59 --datestop 2038-01-19T03:14:07 --kerneltz',
    'TIME from 01:00:00 to 23:59:59',
  ],
  [
    '--utc --timestart 1:00',
    '--timestart 01:00:00 --timestop 23:59:59 --datestop 2038-01-19T03:14:07',
    'TIME from 01:00:00 to 23:59:59 UTC',
  ],
  [
    '--localtz --timestart 1:00',
    '--timestart 01:00:00 --timestop 23:59:59 --datestop 2038-01-19T03:14:07 --kerneltz',
    'TIME from 01:00:00 to 23:59:59',
  ],
  [
    '--contiguous --timestart 23:00 --timestop 1:00',
    '--timestart 23:00:00 --timestop 01:00:00 --datestop 2038-01-19T03:14:07 --contiguous',
    'TIME from 23:00:00 to 01:00:00 UTC contiguous',
  ],
  [
    '--timestart 23:59:59',
    '--timestart 23:59:59 --timestop 23:59:59 --datestop 2038-01-19T03:14:07',
    'TIME from 23:59:59 to 23:59:59 UTC',
  ],
  ['--timestop 23:59:59', '--datestop 2038-01-19T03:14:07', 'TIME UTC'],
  ['--timestart 00:00', '--datestop 2038-01-19T03:14:07', 'TIME UTC'],
  ['', '--datestop 2038-01-19T03:14:07', 'TIME UTC'],
  ['--weekdays Mon,Tue,Wed,Thu,Fri,Sat,Sun', '--datestop 2038-01-19T03:14:07', 'TIME UTC'],
  [
    '--monthdays 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31',
    '--datestop 2038-01-19T03:14:07',
    'TIME UTC',
  ],
  [
    '--datestart 2024-02-31',
    '--datestart 2024-03-02T00:00:00 --datestop 2038-01-19T03:14:07',
    'TIME starting from 2024-03-02 00:00:00 UTC',
  ],
  [
    '--datestart 2024-12-01 --datestop 2023-01-01',
    '--datestart 2024-12-01T00:00:00 --datestop 2023-01-01T00:00:00',
    'TIME starting from 2024-12-01 00:00:00 until date 2023-01-01 00:00:00 UTC',
  ],
  [
    '--timestart 1:00 --timestop 2:00 --weekdays Fri --monthdays 13 --datestart 2024-01-01 --kerneltz',
    '--timestart 01:00:00 --timestop 02:00:00 --monthdays 13 --weekdays Fri --datestart 2024-01-01T00:00:00 --datestop 2038-01-19T03:14:07 --kerneltz',
    'TIME from 01:00:00 to 02:00:00 on Fri on 13rd starting from 2024-01-01 00:00:00',
  ],
  ['--weekdays Moxyz', '--weekdays Mon --datestop 2038-01-19T03:14:07', 'TIME on Mon UTC'],
  ['--monthdays 1,', '--monthdays 1 --datestop 2038-01-19T03:14:07', 'TIME on 1st UTC'],
  ['--datestop 2038-12-31', '--datestop 2038-12-31T00:00:00', 'TIME until date 2038-12-31 00:00:00 UTC'],
  [
    '--datestart 2024-1-2T3:4:5',
    '--datestart 2024-01-02T03:04:05 --datestop 2038-01-19T03:14:07',
    'TIME starting from 2024-01-02 03:04:05 UTC',
  ],
  ['--utc', '--datestop 2038-01-19T03:14:07', 'TIME UTC'],
  [
    '--timestart 001:00',
    '--timestart 01:00:00 --timestop 23:59:59 --datestop 2038-01-19T03:14:07',
    'TIME from 01:00:00 to 23:59:59 UTC',
  ],
  [
    '--timestart 1:00 --timestop 1:00 --contiguous',
    '--timestart 01:00:00 --timestop 01:00:00 --datestop 2038-01-19T03:14:07 --contiguous',
    'TIME from 01:00:00 to 01:00:00 UTC contiguous',
  ],
  ['--weekdays Mon,', '--weekdays Mon --datestop 2038-01-19T03:14:07', 'TIME on Mon UTC'],
  ['--monthdays 010,1203', '--monthdays 1,12 --datestop 2038-01-19T03:14:07', 'TIME on 1st,12th UTC'],
  ['--monthdays 0,5', '--monthdays 5 --datestop 2038-01-19T03:14:07', 'TIME on 5th UTC'],
  ['--weekdays 01,+2', '--weekdays Mon,Tue --datestop 2038-01-19T03:14:07', 'TIME on Mon,Tue UTC'],
  ['--monthdays 01,2', '--monthdays 1,2 --datestop 2038-01-19T03:14:07', 'TIME on 1st,2nd UTC'],
] as const;

const rows6 = [
  [
    '--weekdays Mon,Fri --timestart 08:00 --timestop 17:00',
    '--timestart 08:00:00 --timestop 17:00:00 --weekdays Mon,Fri --datestop 2038-01-19T03:14:07',
    'TIME from 08:00:00 to 17:00:00 on Mon,Fri UTC',
  ],
] as const;

describe('time', () => {
  itPrints(time, 4, rows);
  itPrints(time, 6, rows6);
  itRefuses(time, 4, [
    ['--datestop 2039-01-01', 'not a date'],
    ['--weekdays mon', 'no weekday'],
    ['--weekdays M', 'no weekday'],
    ['--weekdays 8', 'no weekday'],
    ['--weekdays ,Mon', 'no weekday'],
    ['--weekdays Tu,0', 'no weekday'],
    ['--monthdays 32', 'no day of a month'],
    ['--monthdays -1', 'no day of a month'],
    ['--monthdays 08', 'no day of a month'],
    ['--contiguous', 'only when'],
    ['--timestart 24:00', 'not a time'],
    ['--timestart 10', 'not a time'],
    ['--timestart 1:2:60', 'not a time'],
    ['--timestart 1:60', 'not a time'],
    ['--datestart 2024-13-01', 'not a date'],
    ['--datestart 2024-01-32', 'not a date'],
    ['--datestart 1969', 'not a date'],
    ['--datestart 2024-01-01T24:00', 'not a date'],
    ['--datestart 2024-01-01T00:00:00Z', 'not a date'],
    ['--kerneltz --utc', 'together'],
  ]);
  itLoses(time, 4, [
    ['! --weekdays Mon,Tue,Wed,Thu,Fri,Sat,Sun', '--weekdays  --datestop 2038-01-19T03:14:07', 'no day at all'],
    ['--monthdays 0', '--monthdays  --datestop 2038-01-19T03:14:07', 'no day at all'],
  ]);
  itTests(time, [['the time is not given', '--weekdays Mon', packet(), 'unknown']]);
});
