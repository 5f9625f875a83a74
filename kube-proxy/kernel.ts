/** What the kernel of this node can do, and what it has to be told for packets to pass. */
import type { IpFamily } from '#api/ip.ts'
import type { Commands } from './commands.ts'

const SCTP_SETTING = '/proc/sys/net/netfilter/nf_conntrack_sctp_timeout_established'

const forwardingOf = (family: IpFamily): string =>
  family === 'IPv4' ? '/proc/sys/net/ipv4/ip_forward' : '/proc/sys/net/ipv6/conf/all/forwarding'

/** Without it the kernel does not understand SCTP, so nothing of it can be balanced. */
export async function hasSctp(commands: Commands): Promise<boolean> {
  const output = await commands.run({
    program: 'sh',
    arguments: ['-c', `test -e ${SCTP_SETTING} && echo yes || echo no`],
  })
  return output.trim() === 'yes'
}

/** Containers may not write settings of the kernel: then whoever starts them has to set it. */
export async function ensureForwarding(
  commands: Commands,
  family: IpFamily,
): Promise<Error | undefined> {
  const path = forwardingOf(family)
  try {
    const output = await commands.run({ program: 'cat', arguments: [path] })
    if (output.trim() !== '0') return undefined
    await commands.run({ program: 'tee', arguments: [path], input: '1\n' })
    return undefined
  } catch (error) {
    return error as Error
  }
}
