/** Every record of the specification, and for every other name the right way to have none. */
import { describe, expect, test } from 'vitest'
import { type DnsRecord, recordTypes } from './message.ts'
import { type ObjectsOf, zoneOf } from './test-zone.ts'

const domain = 'cluster.local'

/** The data of a record, as dig shows it. */
function shown(record: DnsRecord): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.address
    case 'CNAME':
    case 'PTR':
    case 'NS':
      return record.target
    case 'SRV':
      return `${record.priority} ${record.weight} ${record.port} ${record.target}`
    case 'TXT':
      return record.text
    case 'SOA':
      return `${record.server} ${record.mailbox} ${record.serial} ${record.minimumSeconds}`
  }
}

/** The answers in one line, or why there are none. */
function ask(name: string, type: keyof typeof recordTypes, more: ObjectsOf = {}): string {
  const reply = zoneOf(more).answer(name.split('.'), recordTypes[type])
  if (!reply) return 'not ours'
  if (reply.answers.length > 0) return reply.answers.map(shown).join(', ')
  expect(reply.authority.map(({ type: each, name: of }) => `${each} ${of}`)).toEqual([
    `SOA ${domain}`,
  ])
  return reply.code === 'NOERROR' ? 'NODATA' : reply.code
}

describe('a Service with an address', () => {
  const name = `web.shop.svc.${domain}`
  test.for([
    [name, 'A', '10.96.0.20'],
    [name, 'AAAA', 'NODATA'],
    [name, 'TXT', 'NODATA'],
    [name, 'ANY', 'NODATA'],
    [name, 'SRV', `0 100 80 ${name}, 0 100 53 ${name}`],
    [`_http._tcp.${name}`, 'SRV', `0 100 80 ${name}`],
    [`_dns._udp.${name}`, 'SRV', `0 100 53 ${name}`],
    [`_http._tcp.${name}`, 'A', 'NODATA'],
    [`_tcp.${name}`, 'SRV', 'NODATA'],
    [`_sctp.${name}`, 'SRV', 'NXDOMAIN'],
    [`_http._udp.${name}`, 'SRV', 'NXDOMAIN'],
    [`_other._tcp.${name}`, 'SRV', 'NXDOMAIN'],
    [`a._http._tcp.${name}`, 'SRV', 'NXDOMAIN'],
    [`10-244-0-1.${name}`, 'A', '10.244.0.1'],
    [`10-244-0-9.${name}`, 'A', 'NXDOMAIN'],
    [`both.shop.svc.${domain}`, 'A', '10.96.0.21'],
    [`both.shop.svc.${domain}`, 'AAAA', 'fd00::21'],
    [`plain.shop.svc.${domain}`, 'SRV', `0 100 80 plain.shop.svc.${domain}`],
    [`_tcp.plain.shop.svc.${domain}`, 'SRV', 'NXDOMAIN'],
  ] as const)('%s %s', ([asked, type, wanted]) => {
    expect(ask(asked, type)).toBe(wanted)
  })

  test('the target of SRV brings its addresses along', () => {
    const reply = zoneOf().answer(`_http._tcp.both.shop.svc.${domain}`.split('.'), recordTypes.SRV)
    expect(reply?.additional.map(shown)).toEqual(['10.96.0.21', 'fd00::21'])
  })
})

describe('a headless Service', () => {
  const name = `db.shop.svc.${domain}`
  test.for([
    [name, 'A', '10.244.0.1, 10.244.0.2'],
    [name, 'AAAA', 'fd01::1'],
    [name, 'SRV', 'NODATA'],
    [`db-0.${name}`, 'A', '10.244.0.1'],
    [`db-0.${name}`, 'AAAA', 'fd01::1'],
    [`10-244-0-2.${name}`, 'A', '10.244.0.2'],
    [`10-244-0-2.${name}`, 'AAAA', 'NODATA'],
    [`10-244-0-3.${name}`, 'A', 'NXDOMAIN'],
    [`_sql._tcp.${name}`, 'SRV', `0 33 5432 db-0.${name}, 0 33 5432 10-244-0-2.${name}`],
    [`_sql._tcp.${name}`, 'A', 'NODATA'],
    [`_other._tcp.${name}`, 'SRV', 'NXDOMAIN'],
    [`_udp.${name}`, 'SRV', 'NXDOMAIN'],
    [`idle.shop.svc.${domain}`, 'A', 'NXDOMAIN'],
    [`_sql._tcp.idle.shop.svc.${domain}`, 'SRV', 'NXDOMAIN'],
  ] as const)('%s %s', ([asked, type, wanted]) => {
    expect(ask(asked, type)).toBe(wanted)
  })

  test('SRV brings the addresses of all endpoints along', () => {
    const reply = zoneOf().answer(`_sql._tcp.${name}`.split('.'), recordTypes.SRV)
    expect(reply?.additional.map((each) => `${each.name} ${shown(each)}`)).toEqual([
      `db-0.${name} 10.244.0.1`,
      `10-244-0-2.${name} 10.244.0.2`,
      `db-0.${name} fd01::1`,
    ])
  })
})

describe('other names', () => {
  test.for([
    [`alias.shop.svc.${domain}`, 'A', 'db.example.com'],
    [`alias.shop.svc.${domain}`, 'CNAME', 'db.example.com'],
    [`x.alias.shop.svc.${domain}`, 'A', 'NXDOMAIN'],
    [domain, 'A', 'NODATA'],
    [domain, 'NS', `ns.dns.${domain}`],
    [domain, 'SOA', `ns.dns.${domain} hostmaster.${domain} 77 30`],
    [`svc.${domain}`, 'A', 'NODATA'],
    [`shop.svc.${domain}`, 'A', 'NODATA'],
    [`nowhere.svc.${domain}`, 'A', 'NXDOMAIN'],
    [`web.nowhere.svc.${domain}`, 'A', 'NXDOMAIN'],
    [`none.shop.svc.${domain}`, 'A', 'NXDOMAIN'],
    [`google.com.shop.svc.${domain}`, 'A', 'NXDOMAIN'],
    [`com.${domain}`, 'A', 'NXDOMAIN'],
    [`dns-version.${domain}`, 'TXT', '1.1.0'],
    [`dns-version.${domain}`, 'A', 'NODATA'],
    [`x.dns-version.${domain}`, 'TXT', 'NXDOMAIN'],
    [`ns.dns.${domain}`, 'A', '10.96.0.10'],
    [`dns.${domain}`, 'A', 'NODATA'],
    [`other.dns.${domain}`, 'A', 'NXDOMAIN'],
    [`pod.${domain}`, 'A', 'NODATA'],
    [`shop.pod.${domain}`, 'A', 'NODATA'],
    [`nowhere.pod.${domain}`, 'A', 'NXDOMAIN'],
    [`10-244-0-7.shop.pod.${domain}`, 'A', '10.244.0.7'],
    [`10-244-0-7.shop.pod.${domain}`, 'AAAA', 'NODATA'],
    [`fd01--7.shop.pod.${domain}`, 'AAAA', 'fd01::7'],
    [`10-244-0-7.nowhere.pod.${domain}`, 'A', 'NXDOMAIN'],
    [`10-244-0-999.shop.pod.${domain}`, 'A', 'NXDOMAIN'],
    [`name.shop.pod.${domain}`, 'A', 'NXDOMAIN'],
    ['example.com', 'A', 'not ours'],
    ['local', 'A', 'not ours'],
    [`xcluster.local`, 'A', 'not ours'],
  ] as const)('%s %s', ([asked, type, wanted]) => {
    expect(ask(asked, type)).toBe(wanted)
  })

  test.for([
    ['verified', '10-244-0-7', '10.244.0.7'],
    ['verified', '10-244-0-8', 'NXDOMAIN'],
    ['disabled', '10-244-0-7', 'NXDOMAIN'],
  ] as const)('names of pods when %s: %s', ([pods, label, wanted]) => {
    expect(ask(`${label}.shop.pod.${domain}`, 'A', { pods })).toBe(wanted)
  })
})

describe('addresses', () => {
  const six = (last: string, prefix: string) => `${last}.${'0.'.repeat(22)}${prefix}.ip6.arpa`
  test.for([
    ['20.0.96.10.in-addr.arpa', 'PTR', `web.shop.svc.${domain}`],
    [
      '1.0.244.10.in-addr.arpa',
      'PTR',
      `10-244-0-1.web.shop.svc.${domain}, db-0.db.shop.svc.${domain}`,
    ],
    ['20.0.96.10.in-addr.arpa', 'A', 'NODATA'],
    ['99.0.96.10.in-addr.arpa', 'PTR', 'not ours'],
    ['0.96.10.in-addr.arpa', 'PTR', 'not ours'],
    ['x.0.96.10.in-addr.arpa', 'PTR', 'not ours'],
    [six('1.2.0.0.0.0', '0.0.d.f'), 'PTR', `both.shop.svc.${domain}`],
  ] as const)('%s %s', ([asked, type, wanted]) => {
    expect(ask(asked, type)).toBe(wanted)
  })
})
