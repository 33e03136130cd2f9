/** A line of `conntrack -E`: something that happened, so an observation and never a row of the table. */
import { type ConnEntry, type ConnTuple, formatIp, type SeenLog } from '@coldtrace/core';

/** Events are `conntrack-new`, `conntrack-update`, `conntrack-destroy`; the reply tuple's keys begin with `reply-`. */
export function eventObservation(entry: ConnEntry, event: string, text: string): SeenLog {
  const data: Record<string, string> = { proto: `${entry.proto}` };
  if (entry.state !== null) data['state'] = entry.state;
  if (entry.status.length > 0) data['status'] = entry.status.join(',');
  putTuple(data, '', entry.original);
  putTuple(data, 'reply-', entry.reply);
  const { span } = entry;
  return { span, kind: 'log', component: 'conntrack', event: `conntrack-${event.toLowerCase()}`, data, text };
}

function putTuple(data: Record<string, string>, before: string, tuple: ConnTuple): void {
  data[`${before}src`] = formatIp(tuple.src);
  data[`${before}dst`] = formatIp(tuple.dst);
  if (tuple.sport !== null) data[`${before}sport`] = `${tuple.sport}`;
  if (tuple.dport !== null) data[`${before}dport`] = `${tuple.dport}`;
  if (tuple.icmpType !== null) data[`${before}type`] = `${tuple.icmpType}`;
  if (tuple.icmpCode !== null) data[`${before}code`] = `${tuple.icmpCode}`;
  if (tuple.icmpId !== null) data[`${before}id`] = `${tuple.icmpId}`;
}
