/** One step of a path through an object, in the text form that managed fields store. */

/** JSON as Go writes it: what means something to HTML is escaped. */
function goJson(value: unknown): string {
  const text = JSON.stringify(value)
  if (typeof value !== 'string' || !special.test(text)) return text
  return text.replaceAll(
    new RegExp(special, 'g'),
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const special = /[<>&\u2028\u2029]/

/** An item that is told from others by some of its fields; `names` are sorted. */
export function keyElement(names: readonly string[], values: readonly unknown[]): string {
  let text = 'k:{'
  let separator = ''
  for (let at = 0; at < names.length; at++) {
    if (values[at] === undefined) continue
    text += `${separator}${JSON.stringify(names[at])}:${goJson(values[at])}`
    separator = ','
  }
  return `${text}}`
}

export const fieldElement = (name: string): string => `f:${name}`

export const valueElement = (value: unknown): string => `v:${goJson(value)}`

type Child<T> = readonly [element: string, T]

/** Fields come first, then items by key, items by value, items by index; each in order. */
export function sortedByElement<T>(children: readonly Child<T>[]): readonly Child<T>[] {
  if (isSorted(children)) return children
  const places = children.map(([element]) => placeOf(element))
  const order = places.map((_, at) => at)
  order.sort((a, b) => comparePlaces(places[a]!, places[b]!))
  return order.map((at) => children[at]!)
}

function isSorted(children: readonly Child<unknown>[]): boolean {
  for (let at = 1; at < children.length; at++) {
    if (comparePlaces(placeOf(children[at - 1]![0]), placeOf(children[at]![0])) >= 0) return false
  }
  return true
}

/** What an element is sorted by: the name of a field, or the value inside another element. */
type Place = string | { readonly rank: number; readonly value: unknown }

const ranks: Readonly<Record<string, number>> = { k: 1, v: 2, i: 3 }
const READ_MAX = 4096
const READ_CHARACTERS_MAX = 128
const read = new Map<string, Place>()

/** Most lists have the same few keys, so that these are not read again and again. */
function placeOf(element: string): Place {
  if (element.startsWith('f:')) return element
  let place = read.get(element)
  if (place) return place
  const value: unknown = JSON.parse(element.slice(2))
  const isKey = element.startsWith('k:')
  place = { rank: ranks[element[0]!] ?? 4, value: isKey ? sortedEntries(value as object) : value }
  if (element.length > READ_CHARACTERS_MAX) return place
  if (read.size === READ_MAX) read.clear()
  read.set(element, place)
  return place
}

function comparePlaces(a: Place, b: Place): number {
  if (typeof a === 'string') return typeof b === 'string' ? compareText(a, b) : -1
  if (typeof b === 'string') return 1
  return a.rank - b.rank || compareValues(a.value, b.value)
}

/** By code points, which is the order of UTF-8 bytes; only surrogates make a difference. */
function compareText(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (left === right) continue
    const isLeftHigh = (left & 0xf800) === 0xd800
    const isRightHigh = (right & 0xf800) === 0xd800
    return isLeftHigh === isRightHigh ? left - right : isLeftHigh ? 1 : -1
  }
  return a.length - b.length
}

/** Numbers, then texts, booleans, lists, maps and null. */
function compareValues(a: unknown, b: unknown): number {
  const [left, right] = [valueRank(a), valueRank(b)]
  if (left !== right) return left - right
  if (typeof a === 'number') return a - (b as number)
  if (typeof a === 'string') return compareText(a, b as string)
  if (typeof a === 'boolean') return Number(a) - Number(b)
  if (Array.isArray(a)) return compareLists(a, b as unknown[])
  if (a === null) return 0
  return compareLists(sortedEntries(a as object), sortedEntries(b as object))
}

function compareLists(a: readonly unknown[], b: readonly unknown[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const order = compareValues(a[at], b[at])
    if (order) return order
  }
  return a.length - b.length
}

function sortedEntries(value: object): unknown[] {
  return Object.entries(value)
    .sort(([a], [b]) => compareText(a, b))
    .flat()
}

function valueRank(value: unknown): number {
  if (value === null) return 5
  if (Array.isArray(value)) return 3
  return { number: 0, string: 1, boolean: 2 }[typeof value as string] ?? 4
}

/** As messages show it: `.name`, `[name="a"]`, `[="a"]`, `[0]`. */
export function printedElement(element: string): string {
  const rest = element.slice(2)
  switch (element[0]) {
    case 'f':
      return `.${rest}`
    case 'k':
      return `[${Object.entries(JSON.parse(rest) as object)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(',')}]`
    case 'v':
      return `[=${rest}]`
    default:
      return `[${rest}]`
  }
}
