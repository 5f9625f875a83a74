/** The version of Kubernetes that the server is, as it tells its callers. */
import { arch, platform, versions } from 'node:process'
import { kubernetesVersion } from '#daemon/version.ts'

const { major, minor } = kubernetesVersion

export const serverVersion = kubernetesVersion.text

/** The answer of /version. What upstream says of Go is said of Node. */
export const versionInfo = {
  major,
  minor,
  emulationMajor: major,
  emulationMinor: minor,
  minCompatibilityMajor: major,
  minCompatibilityMinor: String(Number(minor) - 1),
  gitVersion: serverVersion,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: `node${versions.node}`,
  compiler: 'v8',
  platform: `${platform}/${goArchitecture(arch)}`,
}

/** Clients know processors by Go's names. */
function goArchitecture(name: string): string {
  return name === 'x64' ? 'amd64' : name === 'ia32' ? '386' : name
}
