/** Cron schedules: what parses, what does not and in which words, and when they are due. */
import { describe, expect, test } from 'vitest'
import { CronError, isTimeZone, parseCronSchedule } from './cron-schedule.ts'
import { countCronTimes, latestCronTime, nextCronTime, zonedTime } from './cron-times.ts'

const at = (text: string) => Date.parse(text)
const shown = (time: number | undefined) => time && new Date(time).toISOString()

describe('refused, in the words of upstream', () => {
  test.for([
    ['', 'empty spec string'],
    ['   ', 'expected exactly 5 fields, found 0: []'],
    ['* * *', 'expected exactly 5 fields, found 3: [* * *]'],
    ['* * * * * *', 'expected exactly 5 fields, found 6: [* * * * * *]'],
    ['@never', 'unrecognized descriptor: @never'],
    ['@Daily', 'unrecognized descriptor: @Daily'],
    ['@constructor', 'unrecognized descriptor: @constructor'],
    ['@every x', 'failed to parse duration @every x: time: invalid duration "x"'],
    ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* 24 * * *', 'end of range (24) above maximum (23): 24'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['* * * 13 *', 'end of range (13) above maximum (12): 13'],
    ['* * * * 7', 'end of range (7) above maximum (6): 7'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['*/2/3 * * * *', 'too many slashes: */2/3'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['*/-1 * * * *', 'negative number (-1) not allowed: -1'],
    ['TZ=Mars/Base * * * * *', 'provided bad location Mars/Base: unknown time zone Mars/Base'],
  ])('%j', ([text, message]) => {
    expect(() => parseCronSchedule(text!)).toThrow(new CronError(message))
  })
})

describe('the next time', () => {
  const start = '2026-03-14T10:07:30Z' // A Saturday.
  test.for([
    ['* * * * *', '2026-03-14T10:08:00.000Z'],
    ['*/15 * * * *', '2026-03-14T10:15:00.000Z'],
    ['5/20 * * * *', '2026-03-14T10:25:00.000Z'],
    ['0 9-17/4 * * *', '2026-03-14T13:00:00.000Z'],
    ['0 0 * * *', '2026-03-15T00:00:00.000Z'],
    ['@hourly', '2026-03-14T11:00:00.000Z'],
    ['@weekly', '2026-03-15T00:00:00.000Z'],
    ['@monthly', '2026-04-01T00:00:00.000Z'],
    ['@yearly', '2027-01-01T00:00:00.000Z'],
    ['30 4 * * mon', '2026-03-16T04:30:00.000Z'],
    ['30 4 1,20 JAN-apr ?', '2026-03-20T04:30:00.000Z'],
    // Either day is enough when both are given, both must match when one is a star.
    ['0 0 13 * 5', '2026-03-20T00:00:00.000Z'],
    ['0 0 13 * */2', '2026-03-15T00:00:00.000Z'],
    ['0 0 29 2 *', '2028-02-29T00:00:00.000Z'],
    ['@every 90s', '2026-03-14T10:09:00.000Z'],
    ['@every 1ms', '2026-03-14T10:07:31.000Z'],
    ['TZ=Asia/Tokyo 0 9 * * *', '2026-03-15T00:00:00.000Z'],
  ])('of %j', ([text, expected]) => {
    expect(shown(nextCronTime(parseCronSchedule(text!), at(start)))).toBe(expected)
  })

  test('of a day that does not exist', () => {
    expect(nextCronTime(parseCronSchedule('0 0 30 2 *'), at(start))).toBeUndefined()
  })
})

describe('daylight saving', () => {
  const times = (text: string, zone: string, from: string, count: number) => {
    const found: (string | number | undefined)[] = []
    let time: number | undefined = at(from)
    for (let step = 0; step < count && time !== undefined; step++) {
      time = nextCronTime(parseCronSchedule(text), time, zone)
      found.push(shown(time))
    }
    return found
  }

  test('a time that is skipped is not made up for', () => {
    expect(times('30 2 * * *', 'Europe/Berlin', '2026-03-27T12:00:00Z', 3)).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-30T00:30:00.000Z',
      '2026-03-31T00:30:00.000Z',
    ])
  })

  test('a time that comes twice is due twice', () => {
    expect(times('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 3)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ])
  })

  test('a day may start at one in the morning', () => {
    expect(times('0 * 9 9 *', 'America/Santiago', '2019-09-07T12:00:00Z', 1)).toEqual([
      '2019-09-09T03:00:00.000Z',
    ])
    expect(times('0 * 8 9 *', 'America/Santiago', '2019-09-07T12:00:00Z', 1)).toEqual([
      '2019-09-08T04:00:00.000Z',
    ])
  })
})

describe('times that passed', () => {
  const hourly = parseCronSchedule('0 * * * *')
  const from = at('2026-03-14T10:07:30Z')

  test.for([
    ['2026-03-14T10:59:59Z', undefined, 0],
    ['2026-03-14T11:00:00Z', '2026-03-14T11:00:00.000Z', 1],
    ['2026-03-14T15:30:00Z', '2026-03-14T15:00:00.000Z', 5],
    ['2036-03-14T15:30:00Z', '2036-03-14T15:00:00.000Z', 100],
  ] as const)('until %s', ([until, latest, count]) => {
    expect(shown(latestCronTime(hourly, from, at(until)))).toBe(latest)
    expect(countCronTimes(hourly, from, at(until), { max: 100 })).toBe(count)
  })
})

test.for([
  ['2026-03-14T10:08:59Z', undefined],
  ['2026-03-14T10:09:00Z', '2026-03-14T10:09:00.000Z'],
  ['2026-03-14T10:13:10Z', '2026-03-14T10:12:00.000Z'],
] as const)('an interval goes on from where it began, until %s', ([until, latest]) => {
  const every = parseCronSchedule('@every 90s')
  expect(shown(latestCronTime(every, at('2026-03-14T10:07:30.5Z'), at(until)))).toBe(latest)
})

test.for([
  [undefined, '2026-07-01T12:30:05Z'],
  ['UTC', '2026-07-01T12:30:05Z'],
  ['Africa/Abidjan', '2026-07-01T12:30:05Z'],
  ['Europe/Berlin', '2026-07-01T14:30:05+02:00'],
  ['America/St_Johns', '2026-07-01T10:00:05-02:30'],
] as const)('in %s clocks show %s', ([timeZone, text]) => {
  expect(zonedTime(at('2026-07-01T12:30:05Z'), timeZone)).toBe(text)
})

test.for([
  ['UTC', true],
  ['Etc/UTC', true],
  ['Europe/Berlin', true],
  ['US/Pacific', true],
  ['Etc/GMT+5', true],
  ['europe/berlin', false],
  ['Mars/Base', false],
  ['+01:00', false],
  ['+01', false],
  ['', false],
] as const)('time zone %j', ([name, expected]) => {
  expect(isTimeZone(name)).toBe(expected)
})
