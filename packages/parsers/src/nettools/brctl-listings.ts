/** What brctl(8) shows of one bridge: hardware addresses (showmacs) by the number of a port, and the state of its ports (showstp). */
import { plainListing } from '../text/plain-listing.js';

export const brctlListingsFormat = plainListing({
  id: 'brctl-details',
  title: 'one bridge: its ports and the addresses behind them',
  commands: [/^(?:\S*\/)?brctl\s+show(?:macs|stp)\b/],
  fileNames: [/^brctl[-_]show(?:macs|stp)\b.*$/i],
  opens: /^port no\s+mac addr\s+is local\?\s+ageing timer|^ bridge id\s+[0-9a-f]{4}\.[0-9a-f]{12}\s*$/,
  fits: /^ {1,4}\d{1,5}\s+(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\s+(?:yes|no)\s+\d+\.\d\d\s*$|^ (?:port id|(?:designated|root|path|hello|bridge hello|max|bridge max|forward|bridge forward|ageing|tcn|topology|gc|message|hold|hairpin)\b[a-z ]*|flags)(?:\t|$)|^\S{1,15} \(\d{1,5}\)$/,
  // The model knows ports by name.
  state: 'opaque',
  whole: true,
});
