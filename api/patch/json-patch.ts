/** JSON patch (RFC 6902) with the liberties that upstream takes, and its limits. */

import { jsonTypeName } from '../go-names.ts'
import { MAX_DEPTH } from '../json.ts'
import { jsonCopy } from '../json-copy.ts'
import { setOwn } from '../set-own.ts'
import { badRequest, StatusError, tooLarge } from '../status.ts'
import { isDeeperThan } from './depth.ts'
import { sameJson } from './same-json.ts'

const OPERATIONS_MAX = 10_000
/** What the copies of one patch may add up to, as JSON. */
const COPIED_BYTES_MAX = 3 * 1024 * 1024
/** Inserting into a list moves what comes after; all of it together must not take long. */
const MOVED_ITEMS_MAX = 100_000_000

type Json = Record<string, unknown>
export type Operation = Json

/** What is wrong with an operation: the log learns this, the client only that something is. */
class OperationError extends Error {
  override readonly name = 'OperationError'
}

const fields = ['op', 'path', 'from', 'value']

export interface JsonPatch {
  readonly operations: readonly Operation[]
  /** Fields that mean nothing to a patch, such as `[0].foo`. */
  readonly unknown: readonly string[]
}

/** `checksTypes`: whoever wants to know about unknown fields learns about wrong types too. */
export function decodedJsonPatch(value: unknown, checksTypes: boolean): JsonPatch {
  const operations = value ?? []
  if (!Array.isArray(operations))
    throw malformed(value, checksTypes ? typedPatch : 'jsonpatch.Patch')
  for (const each of operations) checkOperation(each, checksTypes)
  if (operations.length > OPERATIONS_MAX) {
    throw tooLarge(
      `The allowed maximum operations in a JSON patch is ${OPERATIONS_MAX}, ` +
        `got ${operations.length}`,
    )
  }
  const unknown = operations.flatMap((each, at) =>
    Object.keys(each ?? {}).flatMap((name) => (fields.includes(name) ? [] : `[${at}].${name}`)),
  )
  return { operations: operations.map((each) => each ?? {}), unknown }
}

const typedPatch = '[]handlers.jsonPatchOp'

function malformed(value: unknown, type: string): StatusError {
  const why = `json: cannot unmarshal ${jsonTypeName(value)} into Go value of type ${type}`
  return badRequest(type === typedPatch ? `error decoding patch: ${why}` : why)
}

function checkOperation(value: unknown, checksTypes: boolean): void {
  if (value === null) return
  if (typeof value !== 'object' || Array.isArray(value)) {
    if (!checksTypes) throw malformed(value, 'jsonpatch.Operation')
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${jsonTypeName(value)} ` +
        'into Go value of type handlers.jsonPatchOp',
    )
  }
  if (!checksTypes) return
  for (const name of ['op', 'path', 'from']) {
    const field = own(value as Json, name)
    if (field === undefined || field === null || typeof field === 'string') continue
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${jsonTypeName(field)} ` +
        `into Go struct field jsonPatchOp.${name} of type string`,
    )
  }
}

const own = (value: Json, name: string): unknown =>
  Object.hasOwn(value, name) ? value[name] : undefined

/** The document after all operations. Changes `document`; the operations stay as they are. */
export function applyJsonPatch(document: object, operations: readonly Operation[]): unknown {
  const patcher = new Patcher(document)
  try {
    for (const operation of operations) patcher.run(operation)
    refuseDepth(patcher.document)
  } catch (error) {
    if (!(error instanceof OperationError)) throw error
    const message = 'the server rejected our request due to an error in our request'
    throw new StatusError('Invalid', message, {}, error)
  }
  return patcher.document
}

/** Copies and moves can nest a document into itself, deeper than any walk over it could go. */
function refuseDepth(value: unknown): void {
  if (isDeeperThan(value, MAX_DEPTH)) throw new OperationError('exceeded max depth')
}

/** A field of an object or a place in a list. */
interface Place {
  readonly parent: Json | unknown[]
  readonly key: string
}

class Patcher {
  document: unknown
  #copiedBytes = 0
  #movedItems = 0

  constructor(document: object) {
    this.document = document
  }

  run(operation: Operation): void {
    const kind = own(operation, 'op')
    if (kind === 'add') this.#add(this.#place(operation, 'path'), given(operation))
    else if (kind === 'remove') this.#remove(this.#place(operation, 'path'))
    else if (kind === 'replace') this.#replace(operation)
    else if (kind === 'move') this.#move(operation)
    else if (kind === 'test') this.#test(operation)
    else if (kind === 'copy') this.#copy(operation)
    else throw new OperationError(`Unexpected kind: ${typeof kind === 'string' ? kind : 'unknown'}`)
  }

  #add(place: Place, value: unknown): void {
    this.#countMoves(place)
    add(place, value)
  }

  #remove(place: Place): void {
    this.#countMoves(place)
    remove(place)
  }

  #countMoves({ parent }: Place): void {
    if (!Array.isArray(parent)) return
    this.#movedItems += parent.length
    if (this.#movedItems > MOVED_ITEMS_MAX) {
      throw new OperationError(`more than ${MOVED_ITEMS_MAX} items of lists would have to be moved`)
    }
  }

  #replace(operation: Operation): void {
    const value = given(operation)
    if (pathOf(operation, 'path') !== '') replace(this.#place(operation, 'path'), value)
    else if (isContainer(value)) this.document = value
    else throw new OperationError('replace operation value must be object or array')
  }

  #move(operation: Operation): void {
    const from = this.#place(operation, 'from')
    const value = get(from)
    this.#remove(from)
    this.#add(this.#place(operation, 'path'), value)
  }

  #copy(operation: Operation): void {
    const value = get(this.#place(operation, 'from')) ?? null
    const target = this.#place(operation, 'path')
    if (value !== null) {
      refuseDepth(value)
      this.#copiedBytes += Buffer.byteLength(JSON.stringify(value))
      if (this.#copiedBytes > COPIED_BYTES_MAX) {
        throw new OperationError(
          'Unable to complete the copy, the accumulated size increase of copy is ' +
            `${this.#copiedBytes}, exceeding the limit ${COPIED_BYTES_MAX}`,
        )
      }
    }
    this.#add(target, jsonCopy(value))
  }

  #test(operation: Operation): void {
    const path = pathOf(operation, 'path')
    const found = path === '' ? this.document : get(this.#place(operation, 'path'))
    const wanted = own(operation, 'value')
    if (sameJson(found ?? null, wanted ?? null)) return
    throw new OperationError(`testing value ${path} failed: test failed`)
  }

  #place(operation: Operation, name: 'path' | 'from'): Place {
    const path = pathOf(operation, name)
    const steps = path.split('/')
    const missing = (): OperationError =>
      new OperationError(
        `${own(operation, 'op')} operation does not apply: doc is missing ${name}: "${path}": missing value`,
      )
    if (steps.length < 2) throw missing()
    let parent = this.document
    for (let at = 1; at < steps.length - 1; at++) {
      if (!isContainer(parent)) throw missing()
      try {
        parent = get({ parent, key: unescaped(steps[at]!) })
      } catch (error) {
        throw error instanceof OperationError ? missing() : error
      }
    }
    if (!isContainer(parent)) throw missing()
    return { parent, key: unescaped(steps.at(-1)!) }
  }
}

/** The value is copied, so that a patch can be applied again when the object has changed. */
const given = (operation: Operation): unknown => jsonCopy(own(operation, 'value') ?? null)

function pathOf(operation: Operation, name: 'path' | 'from'): string {
  const path = own(operation, name)
  if (typeof path === 'string') return path
  throw new OperationError(`operation missing ${name} field: missing value`)
}

const isContainer = (value: unknown): value is Json | unknown[] =>
  typeof value === 'object' && value !== null

const unescaped = (step: string): string =>
  step.includes('~') ? step.replaceAll(/~[01]/g, (mark) => (mark === '~1' ? '/' : '~')) : step

/** A place counted from the end, which RFC 6902 does not know, is fine with upstream. */
function indexOf(key: string, length: number): number {
  if (!/^[-+]?[0-9]+$/.test(key)) {
    throw new OperationError(
      `value was not a proper array index: '${key}': strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`,
    )
  }
  const index = Number(key)
  if (index >= length || index < -length) {
    throw new OperationError(`Unable to access invalid index: ${index}: invalid index referenced`)
  }
  return index < 0 ? index + length : index
}

function get({ parent, key }: Place): unknown {
  return Array.isArray(parent) ? parent[indexOf(key, parent.length)] : own(parent, key)
}

function add({ parent, key }: Place, value: unknown): void {
  if (Array.isArray(parent)) {
    const index = key === '-' ? parent.length : indexOf(key, parent.length + 1)
    parent.splice(index, 0, value ?? null)
  } else {
    setOwn(parent, key, value ?? null)
  }
}

function remove({ parent, key }: Place): void {
  if (Array.isArray(parent)) {
    parent.splice(indexOf(key, parent.length), 1)
  } else if (Object.hasOwn(parent, key)) {
    delete parent[key]
  } else {
    throw new OperationError(`Unable to remove nonexistent key: ${key}: missing value`)
  }
}

/** A field that is not there yet may be replaced, an item may not. */
function replace({ parent, key }: Place, value: unknown): void {
  if (Array.isArray(parent)) parent[indexOf(key, parent.length)] = value
  else setOwn(parent, key, value)
}
