using System;
using System.Collections.Concurrent;
using System.IO;
using System.Runtime.Serialization.Json;

namespace EsgMailboxSync.Interop
{
    /// <summary>JSON by what .NET Framework and .NET both ship. Serializers are kept: a new one for each record is twenty times slower.</summary>
    internal static class Json
    {
        private static readonly ConcurrentDictionary<Type, DataContractJsonSerializer> Serializers =
            new ConcurrentDictionary<Type, DataContractJsonSerializer>();

        internal static T Read<T>(Stream utf8)
        {
            return (T)Serializer(typeof(T)).ReadObject(utf8);
        }

        internal static void Write(object value, Stream utf8)
        {
            Serializer(value.GetType()).WriteObject(utf8, value);
        }

        private static DataContractJsonSerializer Serializer(Type type)
        {
            return Serializers.GetOrAdd(type, key => new DataContractJsonSerializer(key));
        }
    }
}
