namespace ModuleTests.Exchange;

/// <summary>Makes the session one of on-premises Exchange (exo 8.25): no connection to ask about, paths as identities, accounts in place of SIDs.</summary>
internal static class OnPremises
{
    public const string Buchhaltung = "b0000000-2222-4000-8000-cccccccc0025";

    public static void Make(SampleTenant tenant)
    {
        tenant.Give("mailboxes", tenant.Parse($$"""
            {"Identity":"corp.tailspindemo.example/Users/Buchhaltung","Name":"Buchhaltung","Guid":"{{Buchhaltung}}","DisplayName":"Buchhaltung","Alias":"buchhaltung","SamAccountName":"buchhaltung","UserPrincipalName":"buchhaltung@corp.tailspindemo.example",
             "PrimarySmtpAddress":"buchhaltung@tailspindemo.example","EmailAddresses":["SMTP:buchhaltung@tailspindemo.example"],"RecipientTypeDetails":"SharedMailbox","GrantSendOnBehalfTo":["corp.tailspindemo.example/Users/Gretchen Müller"],"ExternalDirectoryObjectId":""}
            """));
        tenant.Give("recipients", [.. (System.Management.Automation.PSObject[])tenant.Exchange.Session["mailboxes"]!, .. tenant.Parse("""
            {"Identity":"corp.tailspindemo.example/Users/Gretchen Müller","Name":"Gretchen Müller","Guid":"0f000000-2222-4000-8000-cccccccc0026","PrimarySmtpAddress":"gretchen.mueller@tailspindemo.example","EmailAddresses":["SMTP:gretchen.mueller@tailspindemo.example"],"RecipientTypeDetails":"UserMailbox"}
            """)]);
        tenant.Give("people", tenant.Parse("""
            [{"Identity":"corp.tailspindemo.example/Users/Gretchen Müller","Guid":"0f000000-2222-4000-8000-cccccccc0026","SamAccountName":"gmüller","UserPrincipalName":"gmueller@corp.tailspindemo.example","Sid":"S-1-5-21-7-7-7-2026","RecipientTypeDetails":"UserMailbox"},
             {"Identity":"corp.tailspindemo.example/Users/Otto Gruber","Guid":"0f000000-2222-4000-8000-cccccccc0027","SamAccountName":"ogruber","UserPrincipalName":"ogruber@corp.tailspindemo.example","Sid":"S-1-5-21-7-7-7-2027","RecipientTypeDetails":"User"}]
            """));
        tenant.Give("groups", tenant.Parse("""
            {"Identity":"corp.tailspindemo.example/Groups/Kasse","Guid":"0f000000-2222-4000-8000-cccccccc0028","SamAccountName":"Kasse","DisplayName":"Kasse","Sid":"S-1-5-21-7-7-7-2028","RecipientTypeDetails":"MailUniversalSecurityGroup"}
            """));
        tenant.Exchange.Define("Get-Mailbox", "$mailboxes");
        tenant.Exchange.Define("Get-OrganizationConfig", "[pscustomobject]@{ Name = 'Tailspin'; Guid = [guid]'0f000000-2222-4000-8000-cccccccc0001' }", "");
        foreach (var command in new[] { "Get-ConnectionInformation", "Get-RecipientPermission", "Get-UnifiedGroupLinks", "Get-DynamicDistributionGroupMember" })
        {
            tenant.Exchange.Session.RunWell($"[void]$ExecutionContext.InvokeProvider.Item.Remove('function:{command}', $false)");
        }
    }
}
