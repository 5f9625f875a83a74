/** Facts about the machine that only its files tell. */
import { readFile, statfs } from 'node:fs/promises'
import type { MachineIds } from './node-facts.ts'

/** Whatever a machine does not tell stays empty, as in a container without these files. */
export async function machineIds(): Promise<MachineIds> {
  const [machineID, systemUUID, bootID] = await Promise.all([
    textOf('/etc/machine-id'),
    textOf('/sys/class/dmi/id/product_uuid'),
    textOf('/proc/sys/kernel/random/boot_id'),
  ])
  return { machineID, systemUUID: systemUUID || machineID, bootID }
}

export async function diskBytes(path: string): Promise<number> {
  const { blocks, bsize } = await statfs(path)
  return blocks * bsize
}

async function textOf(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch {
    return ''
  }
}
