/** What can be said about putting outputs together. */
import { defineCodes } from '@coldtrace/core';

export const assembleDiagnostic = defineCodes('assemble', {
  'breaks-off': {
    severity: 'warning',
    text: 'no line feed ends this file, unlike the others: it may break off here, and what it lacks proves nothing',
    hint: 'capture it again; if nothing is missing, end it with a line feed',
  },
  'capture-skew': {
    severity: 'warning',
    text: '{node}: {format} was captured {minutes} minutes {relation} {other}; what changed in between is not seen',
    hint: 'capture all dumps of a node in one go',
  },
  'contradicting-dumps': {
    severity: 'warning',
    text: '{node}: two whole dumps of its {what} differ, and no time tells which is newer: only one has "{difference}"',
    hint: 'remove one of them, or say with NAME=PATH that they are of two machines',
  },
  'older-capture': {
    severity: 'warning',
    text: '{capture} is an older capture than {newer}, which counts: nothing of the older one is judged',
    hint: 'give one capture alone to have it judged, or both to coldtrace diff',
  },
  'route-without-device': {
    severity: 'warning',
    text: '{node}: a route leaves by {dev}, a device that the list of devices lacks',
    hint: 'capture all dumps of a node in one go',
  },
  'was-stopped': {
    severity: 'warning',
    text: 'the command was stopped before it had printed all: what this file lacks proves nothing',
    hint: 'capture it again',
  },
  'several-machines': {
    severity: 'warning',
    text: 'outputs without a host name that contradict each other ({what}): taken for different machines',
    hint: 'say which machine each is, with NAME=PATH or with prompts that name it',
  },
});
