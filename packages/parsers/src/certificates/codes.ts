/** What can be wrong with captured certificates, as diagnostics. */
import { defineCodes } from '@coldtrace/core';

export const certificateCode = defineCodes('certificate', {
  'bad-pem': { severity: 'warning', text: 'this PEM certificate is damaged: {reason}' },
  'cut-off': { severity: 'warning', text: 'this PEM certificate has no end line' },
  'torn-key': {
    severity: 'warning',
    text: 'lines of the public key of {subject} are lost: fewer octets are here than its length says',
  },
  'bad-date': { severity: 'warning', text: '"{text}" is no date as openssl prints it' },
  'bad-name': { severity: 'warning', text: '"{text}" is no subject alternative name' },
});
