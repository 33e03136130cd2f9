/** What the rule can say. */
import type { RuleContext } from '../define-rule.js';

export const messages = {
  masquerade:
    'What {node} itself sends to Service {service} carries the Service address {ip} as its source, and nothing masquerades it: {fate}',
  exempt:
    'What {node} itself sends to Service {service} carries the Service address {ip} as its source, and the rule that masquerades Services passes over sources in {network}, {ip} among them: {fate}',
  member:
    'What {node} itself sends to Service {service} carries the Service address {ip} as its source, and is not masqueraded because set {set} lacks {member}: {fate}',
  conntrack:
    'What {node} itself sends to Service {service} carries the Service address {ip} as its source, and is not masqueraded because net.ipv4.vs.conntrack is 0, so packets of IPVS never come to nat POSTROUTING: {fate}',
  unsure:
    'What {node} itself sends to Service {service} carries the Service address {ip} as its source, and such calls went unanswered; whether anything masquerades them is not known',
  unlisted:
    '{node} holds the Service address {ip} itself, so what it sends to {service} carries that address as its source, and such calls went unanswered; whether IPVS serves {service} and anything masquerades them is not known',
  seen: '{node} sends packets for {server} that carry the Service address {ip} as their source: every node of the cluster holds that address, so no answer can come back',
} as const;

export type Context = RuleContext<keyof typeof messages>;
