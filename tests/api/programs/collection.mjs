// The AWS SDK for JavaScript, version 3: the life of a collection with users.
import * as sdk from "@aws-sdk/client-rekognition";
import assert from "node:assert";
import { readFileSync } from "node:fs";

const client = new sdk.RekognitionClient({});
const CollectionId = "javascript-life";
const send = (operation, input = {}) => client.send(new sdk[`${operation}Command`]({ CollectionId, ...input }));
const [three, changed] = process.argv.slice(2).map((path) => ({ Bytes: readFileSync(path) }));

assert.equal((await send("CreateCollection")).StatusCode, 200);
const indexed = await send("IndexFaces", { Image: three, ExternalImageId: "three.jpg", DetectionAttributes: ["ALL"] });
const faces = indexed.FaceRecords.map(({ Face }) => Face.FaceId);
assert.equal(faces.length, 3);
assert.ok(indexed.FaceRecords[0].FaceDetail.Smile);
const listed = [];
for await (const page of sdk.paginateListFaces({ client, pageSize: 2 }, { CollectionId })) listed.push(...page.Faces);
assert.deepEqual(listed.map(({ FaceId }) => FaceId), faces);

for (const UserId of ["lan", "minh", "an"]) await send("CreateUser", { UserId });
await assert.rejects(send("CreateUser", { UserId: "lan" }), sdk.ConflictException);
const associated = await send("AssociateFaces", { UserId: "lan", FaceIds: faces });
assert.deepEqual([associated.UserStatus, associated.AssociatedFaces.length], ["ACTIVE", 3]);
const users = [];
for await (const page of sdk.paginateListUsers({ client, pageSize: 2 }, { CollectionId })) users.push(...page.Users);
assert.deepEqual(users.map(({ UserId }) => UserId), ["lan", "minh", "an"]);

const people = ({ UserMatches }) => UserMatches.map(({ User }) => User.UserId);
assert.deepEqual(people(await send("SearchUsersByImage", { Image: changed })), ["lan"]);
assert.deepEqual(people(await send("SearchUsers", { FaceId: faces[0] })), ["lan"]);
assert.deepEqual(people(await send("SearchUsers", { UserId: "lan" })), []);
assert.equal((await send("SearchFaces", { FaceId: faces[0] })).FaceMatches.length, 2);
assert.equal((await send("SearchFacesByImage", { Image: changed })).FaceMatches.length, 3);

const kept = await send("DeleteFaces", { FaceIds: faces });
assert.deepEqual(kept.UnsuccessfulFaceDeletions[0].Reasons, ["ASSOCIATED_TO_AN_EXISTING_USER"]);
assert.equal((await send("DisassociateFaces", { UserId: "lan", FaceIds: faces.slice(0, 1) })).UserStatus, "ACTIVE");
await send("DeleteUser", { UserId: "lan" });
assert.deepEqual((await send("DeleteFaces", { FaceIds: faces })).DeletedFaces, faces);
const { FaceCount, UserCount } = await send("DescribeCollection");
assert.deepEqual([FaceCount, UserCount], [0, 2]);
assert.equal((await send("DeleteCollection")).StatusCode, 200);
await assert.rejects(send("ListFaces"), sdk.ResourceNotFoundException);
console.log("done");
