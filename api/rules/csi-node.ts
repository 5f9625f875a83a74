/** CSI drivers on a node: what each must say, and that it stays what it said. */
import { isDeepStrictEqual } from 'node:util'
import { isQualifiedName } from '../names.ts'
import type { Path, Problems } from '../problems.ts'
import { immutableMessage } from '../validate-update.ts'
import { checkCsiDriverName } from './volume-sources.ts'

interface Driver {
  readonly name: string
  readonly nodeID: string
  readonly topologyKeys: readonly string[] | null
  readonly allocatable?: { readonly count?: number }
}

const MAX_NODE_ID_LENGTH = 256

export function checkDrivers(drivers: readonly Driver[], at: Path, problems: Problems): void {
  const names = new Set<string>()
  for (const [position, driver] of drivers.entries()) {
    const place = at.index(position)
    checkDriver(driver, place, problems)
    if (names.has(driver.name)) problems.duplicate(place.child('name'), driver.name)
    names.add(driver.name)
    checkTopologyKeys(driver.topologyKeys ?? [], place, problems)
  }
}

function checkDriver({ name, nodeID, allocatable }: Driver, at: Path, problems: Problems): void {
  checkCsiDriverName(name, at.child('name'), problems)
  const place = at.child('nodeID')
  if (!nodeID) problems.required(place)
  if (Buffer.byteLength(nodeID) > MAX_NODE_ID_LENGTH) {
    problems.invalid(place, nodeID, `must be ${MAX_NODE_ID_LENGTH} characters or less`)
  }
  const count = allocatable?.count ?? 0
  if (count < 0) {
    const countPlace = at.child('allocatable').child('count')
    problems.invalid(countPlace, count, 'must be greater than or equal to 0')
  }
}

/** Upstream names the driver as the place, not the list of keys. */
function checkTopologyKeys(keys: readonly string[], at: Path, problems: Problems): void {
  const seen = new Set<string>()
  for (const key of keys) {
    if (!key) problems.required(at)
    if (seen.has(key)) problems.duplicate(at, key)
    seen.add(key)
    for (const message of isQualifiedName(key)) problems.invalid(at, key, message)
  }
}

export function checkDriverChanges(
  drivers: readonly Driver[],
  previous: readonly Driver[],
  at: Path,
  problems: Problems,
): void {
  for (const driver of drivers) {
    const old = previous.find(({ name }) => name === driver.name)
    if (!old) continue
    const [after, before] = [identity(driver), identity(old)]
    if (!isDeepStrictEqual(after, before)) problems.invalid(at, after, immutableMessage)
  }
}

/** All but the room for volumes, as upstream prints its internal type. */
function identity({ name, nodeID, topologyKeys }: Driver): object {
  return { Name: name, NodeID: nodeID, TopologyKeys: topologyKeys, Allocatable: null }
}
