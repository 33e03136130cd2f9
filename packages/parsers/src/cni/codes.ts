/** What can be wrong with captured settings files, as diagnostics. */
import { defineCodes } from '@coldtrace/core';

export const settingsCode = defineCodes('settings', {
  'json-cut': { severity: 'warning', text: 'the configuration in this command is not complete JSON' },
});
