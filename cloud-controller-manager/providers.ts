/** The list of providers: to add one is to add a file and a line. */
import type { OptionValues } from '#daemon/options.ts'
import { parsePool } from './address-pool.ts'
import type { providerFlags } from './flags.ts'
import type { CloudProvider } from './provider.ts'
import { localProvider } from './providers/local.ts'

type ProviderFlags = OptionValues<typeof providerFlags>

/** By the name that --cloud-provider has for it. Each throws where its flags are wrong. */
export const providers: Readonly<Record<string, (flags: ProviderFlags) => CloudProvider>> = {
  local: ({ loadBalancerPool, nodeZones, nodeRegion }) =>
    localProvider({ pool: parsePool(loadBalancerPool), zones: nodeZones, region: nodeRegion }),
}
