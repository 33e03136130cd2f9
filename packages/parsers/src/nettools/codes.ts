/** What can be said about the outputs of net-tools, bridge-utils and ethtool. */
import { defineCodes } from '@coldtrace/core';

export const nettoolsDiagnostic = defineCodes('nettools', {
  'name-may-be-cut': {
    severity: 'info',
    text: 'old versions of ifconfig cut names to nine characters, which {name} has',
    hint: 'capture `ip addr`',
  },
  'name-cut': {
    severity: 'warning',
    text: 'this listing cuts interface names to six characters, which {name} has; the route is not in the model',
    hint: 'capture `ip route show table all`',
  },
  'name-not-number': {
    severity: 'warning',
    text: '{text} is not an address; the line is not in the model',
    hint: 'capture with `-n`',
  },
  'gateway-hidden': {
    severity: 'warning',
    text: 'a route with a gateway that is no IPv4 address: this listing cannot show it; the route is not in the model',
    hint: 'capture `ip route show table all`',
  },
  'metric-hidden': {
    severity: 'info',
    text: 'this listing does not show metrics; routes are kept with metric 0, in the order printed',
    hint: 'capture `ip route show table all`',
  },
  'reject-kind-hidden': {
    severity: 'info',
    text: 'a rejecting route is unreachable or prohibit, the listing does not say which; read as unreachable',
  },
  'discard-kind-hidden': {
    severity: 'info',
    text: 'a route without a device is blackhole or throw, the listing does not say which; read as blackhole',
    hint: 'capture `ip route show table all`',
  },
  'lost-line-breaks': { severity: 'warning', text: 'line holds {count} rows; the line breaks were probably lost' },
  'line-broken': { severity: 'warning', text: 'a row broken over two lines, read as one' },
  'device-not-shown': {
    severity: 'info',
    text: 'the output does not name its device, and no command is shown; kept without device',
  },
  'unread-words': { severity: 'warning', text: 'not understood: {words}' },
});
