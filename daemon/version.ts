/** What every service says when asked for its version. */

const major = '1'
const minor = '36'

/** The version of Kubernetes whose API it speaks. */
export const kubernetesVersion = { major, minor, text: `v${major}.${minor}.0+nanokube` }
