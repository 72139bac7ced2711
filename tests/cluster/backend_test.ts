import { backendContract } from "../../grad/runners/testing/backend_contract.ts";
import { clusterWorld } from "./support/world.ts";

backendContract("kubernetes", clusterWorld);
