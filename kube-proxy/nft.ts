/** The table of nftables on this node: listed, changed as a whole, and watched for strangers. */
import type { IpFamily } from '#api/ip.ts'
import { CommandError, type Commands } from './commands.ts'
import { nftFamily, SENTINEL_CHAIN } from './fixed-rules.ts'
import type { Present, Table, Transaction } from './table.ts'

const TABLE = 'kube-proxy'

/** Throws, with what to do about it, where the network of the node cannot be changed. */
export async function checkNft(commands: Commands): Promise<void> {
  try {
    await commands.run({ program: 'nft', arguments: ['list', 'tables'] })
  } catch (error) {
    throw new Error(
      'read the rules of this node: found no way to nftables, wanted the program nft, ' +
        `root and the capability NET_ADMIN: ${(error as Error).message}`,
      { cause: error },
    )
  }
}

export async function apply(commands: Commands, { text, done }: Transaction): Promise<void> {
  await commands.run({ program: 'nft', arguments: ['-f', '-'], input: text })
  done()
}

/** Brings the table there from whatever it is now; only this one is ever touched. */
export async function applyWhole(
  commands: Commands,
  table: Table,
  family: IpFamily,
  warn: (error: Error) => void,
): Promise<void> {
  const present = await presentIn(commands, family)
  try {
    await apply(commands, table.whole(present, false))
  } catch (error) {
    if (!(error instanceof CommandError) || present.chains.length === 0) throw error
    // What is there may come from another version, with maps of another form.
    warn(error)
    await apply(commands, table.whole(present, true))
  }
}

interface Listing {
  readonly nftables: readonly {
    readonly chain?: { readonly table: string; readonly name: string }
    readonly set?: { readonly table: string; readonly name: string }
    readonly map?: { readonly table: string; readonly name: string }
  }[]
}

/** Names alone: neither rules nor elements are read. */
async function presentIn(commands: Commands, family: IpFamily): Promise<Present> {
  const list = async (what: string): Promise<Listing['nftables']> => {
    const given = ['-j', '-t', 'list', what, nftFamily(family)]
    const output = await commands.run({ program: 'nft', arguments: given })
    return (JSON.parse(output) as Listing).nftables
  }
  const [chains, sets, maps] = [await list('chains'), await list('sets'), await list('maps')]
  const named = (each: { readonly table: string; readonly name: string } | undefined) =>
    each?.table === TABLE ? [each.name] : []
  return {
    chains: chains.flatMap(({ chain }) => named(chain)),
    sets: [...sets.flatMap(({ set }) => named(set)), ...maps.flatMap(({ map }) => named(map))],
  }
}

/** Whether the fixed chains have their rules, which a stranger who flushes takes away first. */
export async function isIntact(commands: Commands, family: IpFamily): Promise<boolean> {
  const given = ['list', 'chain', nftFamily(family), TABLE, SENTINEL_CHAIN]
  try {
    const output = await commands.run({ program: 'nft', arguments: given })
    return output.includes('vmap')
  } catch (error) {
    if (error instanceof CommandError && error.errors.includes('No such file')) return false
    throw error
  }
}

/**
 * Tells when somebody takes away the fixed chains or their rules. Our own changes never do, once
 * the table is there: so it is to be started after that, and ended before all is made anew.
 */
export function followLosses(
  commands: Commands,
  lost: () => void,
  ended: (why: string) => void,
): Disposable {
  const sentinel = new RegExp(`^delete rule ip6? ${TABLE} ${SENTINEL_CHAIN} `)
  const given = ['monitor', 'destroy', 'rules']
  const onLine = (line: string): void => {
    if (sentinel.test(line)) lost()
  }
  return commands.follow({ program: 'nft', arguments: given }, onLine, ended)
}
