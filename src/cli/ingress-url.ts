import { endpointText } from "../config/forms.ts";
import { readDaemonFile } from "../http/control-address.ts";
import { configOf } from "./configuration.ts";
import type { DeskPlace } from "./desk-finder.ts";
import type { Io } from "./io.ts";

/** Where the daemon listens; where it would, by the configuration, when none runs. */
export const ingressUrl = (desk: DeskPlace, io: Pick<Io, "env">): string =>
  readDaemonFile(desk.dir)?.ingress ?? `http://${endpointText(configOf(desk, io).daemon.ingress)}`;
