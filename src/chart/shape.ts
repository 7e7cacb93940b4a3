/** The form of a chart's file, and of a chart in an answer. */
import { z } from "zod";

const Node = z.object({
  id: z.string(),
  name: z.string(),
  parent: z.string().nullable(),
  kind: z.enum(["atomic", "compound"]),
  initial: z.boolean(),
  resting: z.boolean(),
});

const Edge = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  kind: z.enum(["event", "always", "after"]),
  event: z.string(),
  guard: z.string().nullable(),
  actions: z.array(z.string()).readonly(),
});

const Box = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });
const Point = z.tuple([z.number(), z.number()]).readonly();

export const LaidOutChartShape = z.object({
  machine: z.string(),
  version: z.string(),
  definition: z.string(),
  nodes: z.array(Node).readonly(),
  edges: z.array(Edge).readonly(),
  width: z.number(),
  height: z.number(),
  boxes: z.record(z.string(), Box),
  routes: z.record(z.string(), z.object({ points: z.array(Point).readonly(), label: Box.nullable() })),
});
