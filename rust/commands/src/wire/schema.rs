//! The schemas of everything that crosses the boundary, from one place: C# types, error table, ABI hash and tests come from here.

use super::*;
use esgsync_delegation::finding::Finding;
use esgsync_delegation::resolve::UnknownReason;
use schemars::SchemaGenerator;
use serde_json::{Map, Value};

/// Every type that crosses the boundary with the types inside, by name, as JSON schemas.
pub fn definitions() -> Map<String, Value> {
    let mut generator = SchemaGenerator::default();
    macro_rules! collect {
        ($($name:ty),* $(,)?) => { $(generator.subschema_for::<$name>();)* };
    }
    collect!(
        ConnectRequest,
        DisconnectRequest,
        GetUsersRequest,
        SnapshotRequest,
        OpenSnapshotRequest,
        ResolveRequest,
        GetDelegationsRequest,
        NewPlanRequest,
        ReadPlanRequest,
        InvokePlanRequest,
        CompareSnapshotsRequest,
        CarryOverRequest,
        GetRunsRequest,
        NewUndoPlanRequest,
        ExportReportRequest,
        PathRequest,
        StateFileRequest,
        DoneReply,
        CountReply,
        DelegationsReply,
        ConnectReply,
        SnapshotReply,
        CarryOverReply,
        ResumeReply,
        GroupsReply,
        PlanReply,
        RunReply,
        RunsReply,
        ReportReply,
        ConfigurationReply,
        StateFileReply,
        SecretReply,
        ErrorReply,
        ProgressRecord,
        LogRecord,
        UserRecord,
        DelegationRecord,
        MailboxStateRecord,
        Finding,
        UnknownReason,
        ActionResultRecord,
        DifferenceRecord,
        RunRecord,
        RunActionRecord,
    );
    let mut definitions = generator.take_definitions(true);
    definitions.sort_keys();
    definitions
}
