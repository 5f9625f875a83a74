/** Pure: what the host of an Engine can do, and what it cannot, in words for people. */
import type { EngineInfo } from '#engine/types.ts'

/** By number, as the kernel counts them. */
const capabilityNames =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  )

export interface Abilities {
  /** No container can have these, however it asks. Without `CAP_` before them. */
  readonly missingCapabilities: ReadonlySet<string>
  readonly canLowerOomScore: boolean
  readonly hasAppArmor: boolean
  readonly hasSeLinux: boolean
  /** Each in a sentence. */
  readonly lacks: readonly string[]
}

/** `status` is /proc/1/status: nothing on the machine can have what its first process may not. */
export function abilitiesFrom(
  { SecurityOptions: options }: Pick<EngineInfo, 'SecurityOptions'>,
  status: string,
): Abilities {
  const has = (name: string): boolean =>
    (options ?? []).some((option) => option === name || option.split(',').includes(`name=${name}`))
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1]
  const bits = bounding === undefined ? undefined : BigInt(`0x${bounding}`)
  const missing = capabilityNames.filter(
    (_, number) => bits !== undefined && ((bits >> BigInt(number)) & 1n) === 0n,
  )
  const isRootless = has('rootless')
  const canLowerOomScore = !isRootless && !missing.includes('SYS_RESOURCE')
  const lacks = [
    missing.length > 0 && `This host has no ${missing.map((name) => `CAP_${name}`).join(', ')}.`,
    !canLowerOomScore && 'Scores for the case that memory runs out cannot be below 0 here.',
    isRootless && 'The Engine runs without root: some limits and volumes may not work.',
  ]
  return {
    missingCapabilities: new Set(missing),
    canLowerOomScore,
    hasAppArmor: has('apparmor'),
    hasSeLinux: has('selinux'),
    lacks: lacks.filter((lack) => lack !== false),
  }
}
