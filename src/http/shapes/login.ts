/** How a page comes by its token. */
import { z } from "zod";
import { Time } from "./values.ts";

/** Made over the control socket alone; good once, for 60 seconds. `url` has the code behind its `#`, which no request carries. */
export const LoginCode = z.object({ code: z.string(), url: z.url(), expires_at: Time });
export type LoginCode = z.infer<typeof LoginCode>;
export const LoginBody = z.strictObject({ code: z.string().max(200) });
export const LoginToken = z.object({ token: z.string(), expires_at: Time });
export type LoginToken = z.infer<typeof LoginToken>;
