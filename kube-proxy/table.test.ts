/** Transactions as text: what changes and nothing else, in an order that nftables accepts. */
import { expect, test } from 'vitest'
import { elementKey, newPiece, type Piece } from './piece.ts'
import { Table } from './table.ts'

const fixed = {
  sets: [
    { name: 'ways', kind: 'map', definition: 'type ipv4_addr : verdict;' },
    { name: 'own', kind: 'set', definition: 'type ipv4_addr;' },
  ],
  chains: [
    { name: 'services', rules: ['ip daddr vmap @ways'] },
    { name: 'in', hook: 'type filter hook input priority 0;', rules: ['jump services'] },
  ],
} as const

interface Parts {
  readonly chains?: Readonly<Record<string, readonly string[]>>
  readonly sets?: Readonly<Record<string, string>>
  readonly ways?: Readonly<Record<string, string>>
  readonly own?: readonly string[]
}

function piece({ chains = {}, sets = {}, ways = {}, own = [] }: Parts): Piece {
  const made = newPiece()
  for (const [name, rules] of Object.entries(chains)) made.chains.set(name, rules)
  for (const [name, definition] of Object.entries(sets)) made.sets.set(name, definition)
  for (const [key, value] of Object.entries(ways)) made.elements.set(elementKey('ways', key), value)
  for (const key of own) made.elements.set(elementKey('own', key), '')
  return made
}

const nothing = { chains: [], sets: [] }

/** The lines of the next delta, which is then done. */
function step(table: Table): string[] {
  const delta = table.delta()
  delta?.done()
  return (delta?.text ?? '').replaceAll('ip kube-proxy ', '').trim().split('\n').filter(Boolean)
}

function started(...pieces: readonly [string, Parts][]): Table {
  const table = new Table('IPv4', fixed)
  for (const [owner, parts] of pieces) table.replace(owner, piece(parts))
  table.whole(nothing, false).done()
  return table
}

const web = { chains: { web: ['accept'] }, ways: { '10.0.0.1': 'goto web' } }

test('whole(): fixed parts, then sets, chains, rules and elements', () => {
  const table = new Table('IPv4', fixed)
  table.replace('web', piece({ ...web, sets: { seen: 'type ipv4_addr;' }, own: ['10.0.0.9'] }))
  expect(table.whole(nothing, false).text).toBe(`add table ip kube-proxy
add map ip kube-proxy ways { type ipv4_addr : verdict; }
flush map ip kube-proxy ways
add set ip kube-proxy own { type ipv4_addr; }
flush set ip kube-proxy own
add chain ip kube-proxy services
add chain ip kube-proxy in { type filter hook input priority 0; }
flush chain ip kube-proxy services
flush chain ip kube-proxy in
add rule ip kube-proxy services ip daddr vmap @ways
add rule ip kube-proxy in jump services
add set ip kube-proxy seen { type ipv4_addr; }
add chain ip kube-proxy web
add rule ip kube-proxy web accept
add element ip kube-proxy ways { 10.0.0.1 : goto web }
add element ip kube-proxy own { 10.0.0.9 }
`)
})

test('whole(): what others left is cleared, what is there is filled again, sets keep clients', () => {
  const table = new Table('IPv4', fixed)
  table.replace('web', piece({ ...web, sets: { seen: 'type ipv4_addr;' } }))
  const present = {
    chains: ['services', 'in', 'web', 'old'],
    sets: ['ways', 'own', 'seen', 'past'],
  }
  const lines = table.whole(present, false).text.split('\n')
  for (const line of ['flush chain', 'delete chain'].map((verb) => `${verb} ip kube-proxy old`)) {
    expect(lines).toContain(line)
  }
  expect(lines).toContain('flush chain ip kube-proxy web')
  expect(lines).toContain('delete set ip kube-proxy past')
  expect(lines).not.toContain('add chain ip kube-proxy web')
  expect(lines.filter((line) => line.includes('flush set ip kube-proxy seen'))).toEqual([])
})

test('whole(): anew, everything goes first', () => {
  const { text } = new Table('IPv6', fixed).whole({ chains: ['old'], sets: ['past'] }, true)
  expect(text).toMatch(/^add table ip6 kube-proxy\ndelete table ip6 kube-proxy\nadd table/)
  expect(text).not.toMatch(/old|past/)
})

test('delta(): nothing, when nothing differs', () => {
  const table = started(['web', web])
  expect(table.delta()).toBeUndefined()
  table.replace('web', piece(web))
  expect(table.delta()).toBeUndefined()
})

test('delta(): a new owner, a changed rule, a changed element, and the end', () => {
  const table = started()
  table.replace('web', piece(web))
  expect(step(table)).toEqual([
    'add chain web',
    'add rule web accept',
    'add element ways { 10.0.0.1 : goto web }',
  ])
  table.replace('web', piece({ ...web, chains: { web: ['counter', 'accept'] } }))
  expect(step(table)).toEqual(['flush chain web', 'add rule web counter', 'add rule web accept'])
  table.replace('web', piece({ ...web, ways: { '10.0.0.1': 'drop' }, own: ['10.0.0.9'] }))
  expect(step(table)).toEqual([
    'flush chain web',
    'add rule web accept',
    'delete element ways { 10.0.0.1 }',
    'add element ways { 10.0.0.1 : drop }',
    'add element own { 10.0.0.9 }',
  ])
  table.replace('web', undefined)
  expect(step(table)).toEqual([
    'flush chain web',
    'delete element ways { 10.0.0.1 }',
    'delete element own { 10.0.0.9 }',
    'delete chain web',
  ])
  expect([...table.owners]).toEqual([])
})

test('delta(): a chain goes before the set that it names, and after the rules that name it', () => {
  const affine = {
    chains: { one: ['update @seen { ip saddr }'], web: ['goto one'] },
    sets: { seen: 'type ipv4_addr;' },
  }
  const table = started(['web', affine])
  table.replace('web', undefined)
  expect(step(table)).toEqual([
    'flush chain one',
    'flush chain web',
    'delete chain one',
    'delete chain web',
    'delete set seen',
  ])
})

test('of several owners of an element the first by name has it, then the next', () => {
  const table = started()
  table.replace('b', piece({ ways: { '10.0.0.1': 'drop' } }))
  table.replace('a', piece({ ways: { '10.0.0.1': 'accept' } }))
  expect(step(table)).toEqual(['add element ways { 10.0.0.1 : accept }'])
  table.replace('b', undefined)
  expect(step(table)).toEqual([])
  table.replace('b', piece({ ways: { '10.0.0.1': 'drop' } }))
  table.replace('a', undefined)
  expect(step(table)).toEqual([
    'delete element ways { 10.0.0.1 }',
    'add element ways { 10.0.0.1 : drop }',
  ])
})

test('what changes while a transaction runs belongs to the next one', () => {
  const table = started()
  table.replace('web', piece(web))
  const running = table.delta()!
  table.replace('web', piece({ ...web, chains: { web: ['drop'] } }))
  running.done()
  expect(step(table)).toEqual(['flush chain web', 'add rule web drop'])
})

test('after a failure, the whole table makes up for it', () => {
  const table = started(['web', web])
  table.replace('web', undefined)
  table.replace('other', piece({ chains: { other: ['drop'] } }))
  table.delta()
  table.whole({ chains: ['web'], sets: [] }, false).done()
  expect(table.delta()).toBeUndefined()
  table.replace('other', undefined)
  expect(step(table)).toEqual(['flush chain other', 'delete chain other'])
})
