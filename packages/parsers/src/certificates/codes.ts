/** What can be wrong with captured certificates, as diagnostics. */
import { defineCodes } from '@coldtrace/core';

export const certificateCode = defineCodes('certificate', {
  'bad-pem': { severity: 'warning', text: 'this PEM certificate is damaged: {reason}' },
  'cut-off': { severity: 'warning', text: 'this PEM certificate has no end line' },
  'bad-date': { severity: 'warning', text: '"{text}" is no date as openssl prints it' },
  'bad-name': { severity: 'warning', text: '"{text}" is no subject alternative name' },
});
