/** The flags of the API server, named as upstream names them. */
import { option } from '#daemon/options.ts'

export const flags = {
  'Secure serving flags': {
    'bind-address': option.text({
      help: 'Address to listen on for HTTPS.',
      default: '0.0.0.0',
    }),
    'advertise-address': option.text({
      help:
        'Address under which pods reach the server, as the Service kubernetes tells them; ' +
        'that of the machine unless given.',
    }),
    'secure-port': option.port({ help: 'Port to serve HTTPS on.', default: 6443 }),
    'tls-cert-file': option.text({ help: 'File with the serving certificate in PEM form.' }),
    'tls-private-key-file': option.text({ help: 'File with the key of the serving certificate.' }),
  },
  'Insecure serving flags': {
    'insecure-bind-address': option.text({
      help: 'Address to serve plain HTTP on, without authentication; for tests on loopback.',
    }),
    'insecure-port': option.port({ help: 'Port to serve plain HTTP on.', default: 8080 }),
  },
  'Authentication flags': {
    'client-ca-file': option.text({
      help: 'File with the authorities whose client certificates are accepted.',
    }),
    'token-auth-file': option.text({
      help: 'File with one "token,user,uid,groups" in each line.',
    }),
  },
  'Storage flags': {
    'data-dir': option.text({ help: 'Directory of the store.', required: true }),
  },
  'API flags': {
    'service-cluster-ip-range': option.text({
      help: 'CIDR, or two with a comma, from which Services get their addresses.',
      default: '10.96.0.0/16',
    }),
    'service-node-port-range': option.text({
      help: 'Ports that Services may take on every node.',
      default: '30000-32767',
    }),
  },
}
